/** reg_url: the dial strings of a registered user, whichever endpoint has it. */
import type { Command } from '../core/interfaces.ts'

export const regUrl: Command = {
  name: 'reg_url',
  syntax: '<user>@<realm>',
  about: 'The dial strings of a registered user',
  run(args, { sw, channel }) {
    const slash = args.indexOf('/')
    const account = slash < 0 ? args : args.slice(0, slash)
    // What stands after the slash is put before each.
    const prefix = slash < 0 ? '' : args.slice(slash + 1)
    const at = account.indexOf('@')
    const user = at < 0 ? account : account.slice(0, at)
    const given = at < 0 ? '' : account.slice(at + 1)
    const realm = given || sw.globals.get('domain') || ''
    const excluded = channel?.variables.get('sip_exclude_contact')
    const urls = [...sw.registrationSources]
      .flatMap((source) => [...source()])
      .filter((row) => row.user === user && row.realm === realm)
      .filter((row) => !excluded || !row.url.includes(excluded))
    if (urls.length === 0) return 'error/user_not_registered'
    return urls.map((row) => prefix + row.url).join(',')
  },
}
