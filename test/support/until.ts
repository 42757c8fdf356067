/** Waiting for what comes by itself. */
import assert from 'node:assert/strict'
import { delay } from '../../src/base/clock.ts'

/**
 * How long anything is waited for that an event ends, ms: as long as the busiest machine may need. It tells what never comes
 * from what does, and measures nothing.
 */
export const patienceMs = 30_000

/** Looks every 10 ms until it holds. `seen` says what there was instead. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  seen?: () => unknown,
): Promise<void> {
  const end = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > end) {
      const instead = seen === undefined ? '' : `; there was ${JSON.stringify(await seen())}`
      assert.fail(`waited ${patienceMs} ms for ${what}${instead}`)
    }
    await delay(10)
  }
}
