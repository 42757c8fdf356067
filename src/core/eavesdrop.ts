/** Eavesdrop: one channel listens to another, and speaks into its call by keys. */
import { logger } from '../base/log.ts'
import type { Eavesdropping, EavesdropSides } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import { listBug } from './media-bugs.ts'
import { play } from './play.ts'
import { separate } from './separate.ts'

const log = logger('core/eavesdrop')

/** Whoever is to be listened to gets so long to have sound, ms. */
const patienceMs = 6000

export interface EavesdropOptions {
  /** The target's `eavesdrop_group` has to name this. */
  readonly requiredGroup?: string | undefined
  /** 1, 2, 3 and 0 say whom the spy speaks to, * ends it. */
  readonly takesKeys: boolean
  /** `read` is what the target's party says, `write` what it hears. */
  readonly hears: EavesdropSides
  readonly whispers: EavesdropSides
}

/** `refused`: not of the group. `failed`: there is nothing to hear. */
export type EavesdropEnd = 'over' | 'refused' | 'failed'

/** Whom the keys let the spy speak to: 2 to the target's party, 1 to whoever that one talks with, 3 to both. */
const keyWhispers: Readonly<Record<string, EavesdropSides>> = {
  0: { read: false, write: false },
  1: { read: true, write: false },
  2: { read: false, write: true },
  3: { read: true, write: true },
}

/** Listens until either hangs up, `*` is pressed or `signal` aborts. */
export async function eavesdrop(
  spy: Channel,
  target: Channel,
  options: EavesdropOptions,
  signal: AbortSignal,
): Promise<EavesdropEnd> {
  if (spy === target) {
    log.err('a channel cannot eavesdrop on itself', spy.uuid)
    return 'failed'
  }
  if (!isOfGroup(target, options.requiredGroup)) return 'refused'
  if (!(await hasSound(target, signal)) || !spy.hasMedia) {
    if (!signal.aborted) log.warning(`there is nothing to hear on ${target.name}`, spy.uuid)
    return 'failed'
  }
  await announceTarget(spy, target, signal)
  if (signal.aborted || !target.isUp) return 'failed'
  const { profile } = target
  spy.driver.display?.(profile.get('caller_id_name'), profile.get('caller_id_number'))
  log.info(`listens to ${target.name}`, spy.uuid)
  const session = new Session(spy, target, options)
  const calledOff = () => session.end()
  signal.addEventListener('abort', calledOff, { once: true })
  try {
    if (signal.aborted) session.end()
    await attend(spy, session.over, signal)
  } finally {
    signal.removeEventListener('abort', calledOff)
    session.end()
  }
  return 'over'
}

function isOfGroup(target: Channel, required: string | undefined): boolean {
  if (!required) return true
  return separate(target.variables.get('eavesdrop_group') ?? '', ',').includes(required)
}

/** Waits for the target's sound. */
function hasSound(target: Channel, signal: AbortSignal): Promise<boolean> {
  const isThere = () => target.hasMedia && target.isUp
  if (isThere() || !target.isUp || signal.aborted) return Promise.resolve(isThere())
  return new Promise((resolve) => {
    const look = () => {
      if (isThere() || !target.isUp) finish()
    }
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      for (const handle of handles) handle[Symbol.dispose]()
      resolve(isThere() && !signal.aborted)
    }
    const timer = setTimeout(finish, patienceMs)
    signal.addEventListener('abort', finish, { once: true })
    const handles = (['progress', 'answered', 'media', 'hangup'] as const).map((name) =>
      target.signals.on(name, look),
    )
  })
}

/** `eavesdrop_announce_id` of the target: the spy hears by a phrase whom he is going to hear. */
async function announceTarget(spy: Channel, target: Channel, signal: AbortSignal): Promise<void> {
  const id = target.variables.get('eavesdrop_announce_id')
  if (!id) return
  const macro = target.variables.get('eavesdrop_announce_macro') ?? 'eavesdrop_announce'
  await play(spy, `phrase:${macro}:${id}`, { signal })
}

/** The bug on the target, renewed when its sound is, and the keys of the spy. */
class Session {
  readonly over: Promise<void>
  readonly #spy: Channel
  readonly #target: Channel
  readonly #options: EavesdropOptions
  readonly #handles: Disposable[] = []
  #whispers: EavesdropSides
  #bug: Eavesdropping | undefined
  #isOver = false
  #resolve: () => void = () => undefined

  constructor(spy: Channel, target: Channel, options: EavesdropOptions) {
    this.#spy = spy
    this.#target = target
    this.#options = options
    this.#whispers = options.whispers
    this.over = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const end = () => this.end()
    this.#handles.push(
      listBug(target, 'eavesdrop', target.uuid, end),
      target.signals.on('hangup', end),
      target.signals.on('media', () => this.#attach()),
      spy.signals.on('media', () => this.#attach()),
    )
    if (options.takesKeys) {
      this.#handles.push(spy.signals.on('digit', () => this.#takeKeys()))
      this.#takeKeys()
    }
    this.#attach()
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const handle of this.#handles) handle[Symbol.dispose]()
    this.#bug?.stop()
    this.#resolve()
  }

  #attach(): void {
    if (this.#isOver) return
    const { media } = this.#target
    const own = this.#spy.media
    if (!media || !own) return this.end()
    this.#bug?.stop()
    const bug = media.eavesdrop(own, this.#options.hears, this.#whispers)
    this.#bug = bug
    void bug.ended.then(() => {
      if (this.#bug === bug) this.end()
    })
  }

  #takeKeys(): void {
    // A digit is an application's while one runs on the spy's channel.
    if (this.#spy.guests > 0) return
    for (let digit = this.#spy.digits.take(); digit; digit = this.#spy.digits.take()) {
      if (digit.digit === '*') return this.end()
      const whispers = keyWhispers[digit.digit]
      if (!whispers) {
        log.debug(`${digit.digit} means nothing while eavesdropping on sound`, this.#spy.uuid)
        continue
      }
      this.#whispers = whispers
      this.#bug?.whisper(whispers)
    }
  }
}
