/** What F1 to F12 do: two sets of defaults, and keys that say something else at every second press. */

const shared: readonly (readonly [number, string])[] = [
  [1, 'help'],
  [2, 'status'],
  [3, 'show channels'],
  [4, 'show calls'],
  [5, 'sofia status'],
  [6, 'reloadxml'],
  [9, 'sofia status profile internal'],
  [12, 'version'],
]

/** The keys of a console that connects from outside, as fs_cli has them. */
export const remoteKeys: ReadonlyMap<number, string> = new Map([
  ...shared,
  [7, '/log console'],
  [8, '/log debug'],
  [10, 'fsctl pause'],
  [11, 'fsctl resume'],
])

/** The keys of the switch's own console, as `cli-keybindings` of the vanilla switch.conf.xml has them. */
export const serverKeys: ReadonlyMap<number, string> = new Map([
  ...shared,
  [7, 'console loglevel 0'],
  [8, 'console loglevel 7'],
  [10, 'sofia profile internal siptrace on'],
  [11, 'sofia profile internal siptrace off'],
])

export class FunctionKeys {
  readonly #commands: ReadonlyMap<number, string>
  readonly #toggled: ReadonlyMap<number, string>
  readonly #pressed = new Set<number>()

  constructor(
    commands: ReadonlyMap<number, string>,
    toggled: ReadonlyMap<number, string> = new Map(),
  ) {
    this.#commands = commands
    this.#toggled = toggled
  }

  /** The command of this press; undefined when the key is not bound. */
  press(key: number): string | undefined {
    const second = this.#toggled.get(key)
    if (second !== undefined && this.#pressed.delete(key)) return second
    this.#pressed.add(key)
    return this.#commands.get(key)
  }
}
