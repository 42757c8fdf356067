/** The word `reloadxml` of a command that does something else besides. */
import { reasonOf } from '../base/errors.ts'
import type { Switch } from './switch.ts'

/** Reads the XML anew and says so; a fault in it leaves the old one in force. */
export async function reloadXmlReply(sw: Switch): Promise<string> {
  try {
    await sw.reloadXml()
    return 'Reload XML [Success]\n'
  } catch (thrown) {
    return `Reload XML [${reasonOf(thrown)}]\n`
  }
}
