/** AU files written: 16-bit samples, high octet first, behind the header of Sun and NeXT. */

import { SwitchError } from '../base/errors.ts'
import { FileSink, openToWrite } from './file-sink.ts'
import { type AudioSink, flushSize, type WriteOptions } from './format.ts'

const headerSize = 24
/** The encoding number of 16-bit linear samples. */
const linear16 = 3

function auHeader(rate: number, channels: number, dataLength: number): Buffer {
  const header = Buffer.alloc(headerSize)
  header.write('.snd', 0, 'latin1')
  header.writeUInt32BE(headerSize, 4)
  header.writeUInt32BE(Math.min(dataLength, 0xffffffff), 8)
  header.writeUInt32BE(linear16, 12)
  header.writeUInt32BE(rate, 16)
  header.writeUInt32BE(channels, 20)
  return header
}

/** Opens an AU file for writing. Throws FILE_NOT_WRITABLE, or FILE_BAD when it cannot be lengthened. */
export async function writeAu(
  path: string,
  rate: number,
  channels: 1 | 2,
  append: boolean,
  options: WriteOptions = {},
): Promise<AudioSink> {
  const isOver = options.over === true && !append
  const file = await openToWrite(path, append ? 'append' : isOver ? 'over' : 'truncate')
  const { size } = await file.stat()
  let beginning = { rate, channels, start: headerSize, end: headerSize }
  if ((append || isOver) && size >= headerSize) {
    const head = Buffer.alloc(headerSize)
    await file.read(head, 0, headerSize, 0)
    const found = head.readUInt32BE(20)
    const isOurs = head.toString('latin1', 0, 4) === '.snd' && head.readUInt32BE(12) === linear16
    if (!isOurs || found < 1 || found > 2) {
      await file.close()
      throw new SwitchError('FILE_BAD', `${path}: only 16-bit AU files can be lengthened`)
    }
    const start = head.readUInt32BE(4)
    const end = size - ((size - start) % (found * 2))
    beginning = { rate: head.readUInt32BE(16), channels: found === 2 ? 2 : 1, start, end }
  } else await file.write(auHeader(rate, channels, 0), 0, headerSize, 0)
  const { start, end } = beginning
  const head = auHeader(beginning.rate, beginning.channels, end - start)
  head.writeUInt32BE(start, 4)
  const sink = new FileSink(
    file,
    path,
    isOver ? start : end,
    flushSize(options, beginning.rate * beginning.channels * 2),
    (length) => {
      head.writeUInt32BE(Math.min(Math.max(length, end) - start, 0xffffffff), 8)
      return head
    },
  )
  return {
    rate: beginning.rate,
    channels: beginning.channels,
    get failure() {
      return sink.failure
    },
    write(pcm) {
      if (sink.isFull) return false
      const bytes = sink.room(pcm.length * 2)
      if (bytes) for (let i = 0; i < pcm.length; i++) bytes.writeInt16BE(pcm[i]!, i * 2)
      return true
    },
    close: () => sink.close(),
  }
}
