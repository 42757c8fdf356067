/** The XML tree as the rest of the program sees it: elements only, in document order, each knowing its source line. */
import type { SourcePlace } from '../base/errors.ts'

export interface XmlNode {
  readonly name: string
  /** Attribute values, entities resolved, in document order. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlNode[]
  /** The text directly inside (CDATA included), entities resolved, trimmed of nothing. */
  readonly text: string
  /** Where it stands in the file that a person edits. */
  readonly place: SourcePlace
  readonly parent: XmlNode | undefined
}
