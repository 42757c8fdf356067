/**
 * Gives this process, and the threads that it starts from now on, the processor before others: for tests that measure real time, beside
 * tests that only work. Where that is not allowed they run as all do.
 */
import { constants, setPriority } from 'node:os'

try {
  setPriority(constants.priority.PRIORITY_HIGH)
} catch {
  // Only root may.
}
