/** Where the greetings and the spoken name of a mailbox lie. */
import { join } from 'node:path'
import type { Mailbox } from './mailbox.ts'

/** Greetings are numbered 1 to this. */
export const mostGreetings = 9

export function greetingFile(box: Mailbox, number: number): string {
  return join(box.folder, `greeting_${number}.${extensionOf(box)}`)
}

export function nameFile(box: Mailbox): string {
  return join(box.folder, `recorded_name.${extensionOf(box)}`)
}

function extensionOf({ profile }: Mailbox): string {
  return profile.values.text('file-extension')
}
