/** The XML configuration that is in force, and its replacement by a new one (`reloadxml`). */
import { join } from 'node:path'
import type { XmlNode } from './node.ts'
import { parseMerged } from './parse.ts'
import { type PreProcessOptions, preProcess } from './pre-process.ts'
import { child, childWith } from './query.ts'

export interface XmlOptions extends PreProcessOptions {
  /** The folder that holds freeswitch.xml. */
  readonly confDir: string
}

export class XmlRegistry {
  #root: XmlNode
  readonly #options: XmlOptions
  #reloading: Promise<void> | undefined

  private constructor(root: XmlNode, options: XmlOptions) {
    this.#root = root
    this.#options = options
  }

  /** Reads the tree. Throws a SwitchError with file and line when it is no XML. */
  static async load(options: XmlOptions): Promise<XmlRegistry> {
    return new XmlRegistry(await readTree(options), options)
  }

  /** `<document>`. After a reload it is another object: do not keep it over a wait. */
  get root(): XmlNode {
    return this.#root
  }

  /**
   * Reads all files again and then swaps the trees at once; when they cannot be parsed it throws a SwitchError and the old
   * tree stays. Variables that `set` has changed by then stay changed. Two reloads at a time run one after the other.
   */
  async reload(): Promise<void> {
    const previous = this.#reloading
    const run = async () => {
      await previous?.catch(() => undefined)
      this.#root = await readTree(this.#options)
    }
    const current = run()
    this.#reloading = current
    try {
      await current
    } finally {
      if (this.#reloading === current) this.#reloading = undefined
    }
  }

  /** The section of that name (any case): configuration, dialplan, chatplan, directory, languages. */
  section(name: string): XmlNode | undefined {
    return childWith(this.#root, 'section', 'name', name)
  }

  /** `<configuration name="sofia.conf">`; the name in any case. */
  configuration(name: string): XmlNode | undefined {
    return this.locate('configuration', 'configuration', 'name', name)
  }

  /** An element right below a section, by an attribute's value in any case; the section itself when less is given. */
  locate(section: string, tag?: string, attribute?: string, value?: string): XmlNode | undefined {
    const found = this.section(section)
    if (tag === undefined) return found
    if (attribute === undefined || value === undefined) return child(found, tag)
    return childWith(found, tag, attribute, value)
  }
}

async function readTree(options: XmlOptions): Promise<XmlNode> {
  return parseMerged(await preProcess(join(options.confDir, 'freeswitch.xml'), options))
}
