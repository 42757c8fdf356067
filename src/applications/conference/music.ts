/** The sound beside a conference: music for one who is alone or for those who wait for a moderator, or one without end. */
import type { Conference } from './conference.ts'

/** ms that music lasts at least. */
const shortestMs = 300

export class Music {
  readonly #conference: Conference
  readonly #perpetual: string | undefined
  readonly #usual: string | undefined
  /** Where the profile has none. */
  #variables: { readonly music?: string | undefined; readonly perpetual?: string | undefined } = {}
  /** In place of the profile's (`conference <name> moh <file>`). */
  #other: string | undefined
  #isOff = false
  #playing: string | undefined
  #since = 0
  /** What could not be played is not tried again before something else changes. */
  #failed: string | undefined

  constructor(conference: Conference) {
    this.#conference = conference
    const { profile } = conference
    this.#perpetual = profile.sound('perpetual-sound')
    this.#usual = profile.sound('moh-sound')
  }

  /** Sounds that a channel's variables bring for a conference whose profile has none. */
  fallBackOn(music: string | undefined, perpetual: string | undefined): void {
    this.#variables = { music, perpetual }
  }

  /** `toggle`, `on`, `off`, `reset` (the profile's again), or another sound. */
  set(what: string): void {
    const word = what.toLowerCase()
    if (word === 'toggle') this.#isOff = !this.#isOff
    else if (word === 'on') this.#isOff = false
    else if (word === 'off') this.#isOff = true
    else this.#other = word === 'reset' ? undefined : what
    this.#failed = undefined
    if (this.#isOff || word === 'reset' || this.#other) this.stop()
    this.look()
  }

  /** Ends what plays; `look` begins it anew where it is still wanted. */
  stop(): void {
    if (this.#playing === undefined) return
    this.#playing = undefined
    this.#conference.files.stop('async')
  }

  /** A sound of the conference is over. */
  soundEnded(wasStopped: boolean): void {
    // What is over by itself at once would begin again without end.
    const isOver = this.#conference.files.aside === undefined && this.#playing !== undefined
    if (isOver && !wasStopped && performance.now() - this.#since < shortestMs)
      this.#failed = this.#playing
    this.look()
  }

  /** Something has changed: begins or ends what is to be heard now. */
  look(): void {
    const { files, isOver } = this.#conference
    if (isOver) return
    if (files.aside === undefined) this.#playing = undefined
    const wanted = this.#wanted()
    if (wanted === undefined) {
      this.#failed = undefined
      return this.stop()
    }
    // Whatever is played in its turn comes first; music follows.
    const isFree = files.aside === undefined && (files.current === undefined || this.#isPerpetual)
    if (!isFree || wanted === this.#failed) return
    this.#playing = wanted
    this.#since = performance.now()
    void files.play(wanted, { isAside: true, loops: -1 }).then((hasStarted) => {
      if (!hasStarted) this.#failed = wanted
    })
  }

  get #isPerpetual(): boolean {
    return Boolean(this.#perpetual ?? this.#variables.perpetual)
  }

  #wanted(): string | undefined {
    const { members, size, isWaiting } = this.#conference
    if (members.length === 0) return undefined
    const perpetual = this.#perpetual ?? this.#variables.perpetual
    if (perpetual) return perpetual
    const path = this.#other ?? this.#usual ?? this.#variables.music
    if (!path || path === 'silence') return undefined
    const isAlone = size === 1 && !this.#isOff && !members.some((member) => member.has('nomoh'))
    return isAlone || isWaiting ? path : undefined
  }
}
