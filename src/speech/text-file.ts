/** The text of a job as a file beside the sound: on a command line it could be read as an option, and other users would see it. */
import { rm, writeFile } from 'node:fs/promises'
import type { SpeechJob } from '../core/interfaces.ts'

/** Runs `work` with the file, and takes it away. */
export async function withTextFile(
  job: SpeechJob,
  work: (file: string) => Promise<void>,
): Promise<void> {
  const file = `${job.path}.txt`
  await writeFile(file, `${job.text}\n`, { mode: 0o600 })
  try {
    await work(file)
  } finally {
    await rm(file, { force: true })
  }
}
