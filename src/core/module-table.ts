/** The modules that are loaded: what each brings is added to the switch at load and removed at unload. */
import { placeText, reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Module } from './interfaces.ts'
import type { Switch } from './switch.ts'

const log = logger('core/modules')

/** Why a module of FreeSWITCH is not there. */
export interface ModuleAbsence {
  /** What it brings is there without it. */
  readonly isPartOfUs: boolean
  /** What brings it instead, or what does not work without it. */
  readonly words: string
}

interface Loaded {
  readonly module: Module
  readonly running: AsyncDisposable | undefined
}

export class ModuleTable {
  readonly #sw: Switch
  readonly #loaded = new Map<string, Loaded>()

  constructor(sw: Switch) {
    this.#sw = sw
  }

  /** Loads what modules.conf.xml names, in its order. A module that is not there is logged; one that fails ends the start. */
  async loadConfigured(): Promise<void> {
    const configuration = this.#sw.configuration('modules.conf')
    const list = configuration?.children.find((child) => child.name === 'modules')
    for (const entry of list?.children ?? []) {
      if (entry.name !== 'load') continue
      const name = entry.attributes.get('module') ?? ''
      try {
        const found = await this.load(name)
        if (!found) this.#tellAbsence(name, placeText(entry.place))
      } catch (thrown) {
        if (thrown instanceof SwitchError && thrown.code === 'MODULE_LOADED') continue
        throw new SwitchError('MODULE_FAILED', `${name}: ${reasonOf(thrown)}`)
      }
    }
  }

  #tellAbsence(name: string, place: string): void {
    const absence = this.#sw.options.absentModule?.(name)
    if (absence?.isPartOfUs) log.info(`${place}: ${name} is not needed: ${absence.words}`)
    else if (absence) log.warning(`${place}: ${name} is not in this version: ${absence.words}`)
    else log.warning(`${place}: there is no module ${name}; skipped`)
  }

  /** Loads one module; false when there is none of that name. Throws when it is loaded already or cannot start. */
  async load(name: string): Promise<boolean> {
    if (this.#loaded.has(name)) throw new SwitchError('MODULE_LOADED', `${name} is loaded already`)
    const module = await this.#sw.options.loadModule(name)
    if (!module) return false
    const sw = this.#sw
    try {
      for (const endpoint of module.endpoints ?? []) sw.endpoints.add(endpoint, name)
      for (const application of module.applications ?? []) sw.applications.add(application, name)
      for (const command of module.commands ?? []) sw.commands.add(command, name)
      for (const command of module.jsonCommands ?? []) sw.jsonCommands.add(command, name)
      for (const chat of module.chats ?? []) sw.chats.add(chat, name)
      for (const filter of module.chatFilters ?? []) sw.chatFilters.add(filter, name)
      for (const speaker of module.speakers ?? []) sw.speakers.add(speaker, name)
      for (const language of module.languages ?? []) sw.languages.add(language, name)
      for (const engine of module.speechEngines ?? []) sw.speechEngines.add(engine, name)
      for (const dialplan of module.dialplans ?? []) sw.dialplans.add(dialplan, name)
      for (const codec of module.codecs ?? []) sw.codecs.add(codec, name)
      const running = await module.start?.(sw)
      this.#loaded.set(name, { module, running })
    } catch (thrown) {
      this.#removeParts(name)
      throw thrown
    }
    sw.events.announce('MODULE_LOAD', (event) => {
      event.add('type', 'module')
      event.add('name', name)
      event.add('key', name)
      event.add('filename', name)
    })
    return true
  }

  /** Unloads one module; false when it is not loaded. */
  async unload(name: string): Promise<boolean> {
    const loaded = this.#loaded.get(name)
    if (!loaded) return false
    this.#loaded.delete(name)
    this.#removeParts(name)
    await loaded.running?.[Symbol.asyncDispose]()
    this.#sw.events.announce('MODULE_UNLOAD', (event) => {
      event.add('type', 'module')
      event.add('name', name)
      event.add('key', name)
      event.add('filename', name)
    })
    return true
  }

  has(name: string): boolean {
    return this.#loaded.has(name)
  }

  list(): readonly Module[] {
    return [...this.#loaded.values()].map((loaded) => loaded.module)
  }

  /** In the reverse order of loading; one that fails does not keep the others. */
  async unloadAll(): Promise<void> {
    for (const name of [...this.#loaded.keys()].reverse()) {
      try {
        await this.unload(name)
      } catch (thrown) {
        log.err(`unloading ${name} failed: ${reasonOf(thrown)}`)
      }
    }
  }

  #removeParts(name: string): void {
    const sw = this.#sw
    for (const registry of [
      sw.endpoints,
      sw.applications,
      sw.commands,
      sw.jsonCommands,
      sw.chats,
      sw.chatFilters,
      sw.dialplans,
      sw.speakers,
      sw.languages,
      sw.speechEngines,
    ]) {
      registry.removeModule(name)
    }
    sw.codecs.removeModule(name)
  }
}
