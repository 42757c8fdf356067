/** bind_meta_app and unbind_meta_app: features that a party starts with two keys while it talks. */
import { logger } from '../base/log.ts'
import type { DigitWay } from '../core/digit-filters.ts'
import type { Application } from '../core/interfaces.ts'
import { bindMetaKey, type MetaBinding, unbindMetaKeys } from '../core/meta-keys.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/bind_meta_app')

/** Who runs it, by the letters of the flags; undefined where they contradict each other. */
function runnerOf(flags: string): MetaBinding['runs'] | undefined {
  const words = { a: 'a', b: 'b', o: 'opposite', s: 'same' } as const
  const named = (['a', 'b', 'o', 's'] as const).filter((letter) => flags.includes(letter))
  const [letter = 'a'] = named
  return named.length > 1 ? undefined : words[letter]
}

export const bindMetaApp: Application = {
  name: 'bind_meta_app',
  syntax: '<key> [a|b|ab] [a|b|o|s|i|1] <app>[::<args>]',
  about: 'Let a key behind the meta key (*) run an application while the legs talk',
  needs: 'nothing',
  run(channel, data) {
    const [key = '', legs = '', flags = '', what = ''] = separate(data, ' ', 4)
    if (what === '') return log.err(`bind_meta_app: ${bindMetaApp.syntax}`, channel.uuid)
    const ways: DigitWay[] = []
    if (legs.includes('a')) ways.push('received')
    if (legs.includes('b')) ways.push('sent')
    if (ways.length === 0)
      return log.err(`bind_meta_app ${data}: ${legs} names neither a nor b`, channel.uuid)
    const runs = runnerOf(flags)
    if (!runs)
      return log.err(`bind_meta_app ${data}: only one leg can run it, not ${flags}`, channel.uuid)
    const binding = { what, runs, isInline: flags.includes('i'), isOnce: flags.includes('1') }
    const fault = bindMetaKey(channel, key, ways, binding)
    if (fault) log.err(`bind_meta_app ${data}: ${fault}`, channel.uuid)
  },
}

export const unbindMetaApp: Application = {
  name: 'unbind_meta_app',
  syntax: '[<key>]',
  about: 'Take back a key of bind_meta_app, or all',
  needs: 'nothing',
  run(channel, data) {
    const key = data.trim()
    if (!unbindMetaKeys(channel, key === '' ? undefined : key[0]) && key !== '')
      log.warning(`unbind_meta_app ${key}: it is not bound`, channel.uuid)
  },
}
