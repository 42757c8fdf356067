/** Voicemail of a switch: its profiles, by name, and what is counted. */

import { logger } from '../../base/log.ts'
import { onePer } from '../../base/one-per.ts'
import { paramsOf, readSettings, type Values } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import type { XmlNode } from '../../xml/node.ts'
import { child, children } from '../../xml/query.ts'
import { LoginGuard } from './login-guard.ts'
import { MailQueue, type Restore } from './mail-queue.ts'
import { readProfile, type VoicemailProfile } from './profile.ts'
import { moduleSettings } from './settings.ts'
import { settleAfterStart } from './settle.ts'
import { MessageStore } from './store.ts'

const log = logger('applications/voicemail')

interface Loaded {
  profile: VoicemailProfile
  readonly store: MessageStore
  readonly mails: MailQueue
}

export class Voicemails {
  readonly sw: Switch
  readonly guard = new LoginGuard()
  readonly #loaded = new Map<string, Loaded>()
  /** What an earlier process left is looked after once; later the messages in the making are our own. */
  readonly #settled = new Set<string>()

  /** What becomes of the message of a mail that is given up. */
  restore: Restore = () => Promise.resolve()

  constructor(sw: Switch) {
    this.sw = sw
  }

  /** Loads every profile of the configuration. */
  async loadAll(): Promise<void> {
    for (const node of profileNodes(this.sw)) {
      const name = node.attributes.get('name')
      if (name) await this.load(name)
    }
    if (this.#loaded.size === 0) log.warning('voicemail.conf has no profile')
  }

  get settings(): Values {
    return readSettings(child(this.sw.configuration('voicemail.conf'), 'settings'), moduleSettings)
  }

  list(): VoicemailProfile[] {
    return [...this.#loaded.values()].map(({ profile }) => profile)
  }

  get(name: string): VoicemailProfile | undefined {
    return this.#loaded.get(name.toLowerCase())?.profile
  }

  /** The first one, for commands that name none. */
  get first(): VoicemailProfile | undefined {
    return this.list()[0]
  }

  /** Loads a profile of the XML as it is now; one that is loaded gets its new settings. False when there is none of that name. */
  async load(name: string): Promise<boolean> {
    const node = profileNodes(this.sw).find(
      (each) => each.attributes.get('name')?.toLowerCase() === name.toLowerCase(),
    )
    if (!node) return false
    const present = this.#loaded.get(name.toLowerCase())
    if (present) {
      present.profile = readProfile(this.sw, node, present.store, present.mails)
      present.mails.profile = present.profile
      return true
    }
    const named = paramsOf(node).filter((param) => param.attributes.get('name') === 'dbname')
    const given = named.at(-1)?.attributes.get('value') ?? ''
    const isName = given === '' || /^[\w.-]+$/.test(given)
    if (!isName) log.err(`dbname="${given}" is no name of a database: voicemail_${name} is used`)
    const database = this.sw.options.openDatabase(
      isName && given !== '' ? given : `voicemail_${name}`,
    )
    const store = new MessageStore(database)
    const mails = new MailQueue(store, (profile, mail) => this.restore(profile, mail))
    const profile = readProfile(this.sw, node, store, mails)
    mails.profile = profile
    if (!this.#settled.has(name.toLowerCase())) {
      this.#settled.add(name.toLowerCase())
      await settleAfterStart(profile, profileNodes(this.sw).length === 1)
    }
    this.#loaded.set(name.toLowerCase(), { profile, store, mails })
    await mails.start()
    return true
  }

  /** Forgets a profile; its messages stay. */
  unload(name: string): boolean {
    const loaded = this.#loaded.get(name.toLowerCase())
    if (!loaded) return false
    this.#loaded.delete(name.toLowerCase())
    loaded.mails.stop()
    // Calls may still be in it: the file is closed when they have had their time.
    setTimeout(() => loaded.store.database[Symbol.dispose](), 10_000).unref()
    return true
  }

  async stop(): Promise<void> {
    for (const { mails, store } of this.#loaded.values()) {
      await mails.finish()
      store.database[Symbol.dispose]()
    }
    this.#loaded.clear()
  }
}

function profileNodes(sw: Switch): XmlNode[] {
  return children(child(sw.configuration('voicemail.conf'), 'profiles'), 'profile')
}

export const voicemailsOf = onePer((sw: Switch) => new Voicemails(sw))
