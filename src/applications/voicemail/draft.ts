/**
 * A message that is being left. Its row is there before its file, its file has its name only when it is whole and on the disk, and
 * nobody is told that it is kept before its row says so: whatever moment a crash comes at, the start after it knows what to do.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Channel } from '../../core/channel.ts'
import { makeFolder, makeLasting, removeFile, temporaryFor } from './files.ts'
import type { Mailbox } from './mailbox.ts'
import { normalFlag } from './store.ts'

export interface CallerIdentity {
  readonly name: string
  readonly number: string
}

/** Who calls, as his caller id is to be shown. */
export function callerOf(channel: Channel): CallerIdentity {
  return {
    name: channel.text('effective_caller_id_name') || channel.profile.get('caller_id_name'),
    number: channel.text('effective_caller_id_number') || channel.profile.get('caller_id_number'),
  }
}

export class Draft {
  readonly box: Mailbox
  readonly uuid = randomUUID()
  readonly caller: CallerIdentity
  readonly path: string
  /** What is recorded to. */
  readonly temporary: string
  /** Seconds, once there is a recording. */
  length = 0
  #isRecorded = false

  private constructor(box: Mailbox, caller: CallerIdentity, extension: string) {
    this.box = box
    this.caller = caller
    this.path = join(box.folder, `msg_${this.uuid}.${extension}`)
    this.temporary = temporaryFor(this.path, this.uuid)
  }

  /** Makes the folder and the row. Throws SwitchError when the disk does not take them. */
  static async begin(box: Mailbox, caller: CallerIdentity, extension: string): Promise<Draft> {
    const draft = new Draft(box, caller, extension)
    await makeFolder(box.folder)
    box.profile.store.insert({
      createdEpoch: Math.trunc(Date.now() / 1000),
      readEpoch: 0,
      user: box.user,
      domain: box.domain,
      uuid: draft.uuid,
      callerName: caller.name,
      callerNumber: caller.number,
      folder: 'recording',
      path: draft.path,
      length: 0,
      flags: '',
      readFlags: normalFlag,
      forwardedBy: '',
    })
    return draft
  }

  /** Whether there is something that would be lost. */
  get isRecorded(): boolean {
    return this.#isRecorded
  }

  /** The recording is whole: from here on a crash does not lose it. Throws SwitchError when it cannot be kept. */
  async recorded(seconds: number): Promise<void> {
    await makeLasting(this.temporary, this.path)
    this.length = Math.trunc(seconds)
    this.box.profile.store.setRecorded(this.uuid, 'pending', this.length)
    this.#isRecorded = true
  }

  /** It is recorded anew: what there was goes. */
  async again(): Promise<void> {
    this.#isRecorded = false
    this.box.profile.store.setRecorded(this.uuid, 'recording', 0)
    await removeFile(this.path)
  }

  /** Nothing of it stays. */
  async discard(): Promise<void> {
    await removeFile(this.temporary)
    await removeFile(this.path)
    this.box.profile.store.remove(this.uuid)
  }
}
