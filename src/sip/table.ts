/** State machines as tables: for each state and event the next state, then what is to be done. */

/** The next state and the effects, in order. */
export type Row<State extends string, Effect extends string> = readonly [State, ...Effect[]]

/** A missing cell means: ignored. */
export type Table<State extends string, Event extends string, Effect extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, Row<State, Effect>>>>>
>

/** What `event` does in `state`; undefined when it is ignored there. */
export function step<State extends string, Event extends string, Effect extends string>(
  table: Table<State, Event, Effect>,
  state: State,
  event: Event,
): Row<State, Effect> | undefined {
  return table[state][event]
}
