/** Widths, wrapping, and the line that stays whole under what scrolls by. */
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { displayWidth, placeAfter } from '../../../src/cli/display-width.ts'
import { paint, Screen } from '../../../src/cli/screen.ts'

class Paper extends Writable {
  readonly columns = 20
  text = ''
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
  take(): string {
    const { text } = this
    this.text = ''
    return text
  }
}

const widths: readonly [about: string, text: string, columns: number][] = [
  ['letters take one column', 'Grüße', 5],
  ['ideographs take two', '漢字', 4],
  ['emoji take two', '☎️📞', 4],
  ['a combining mark takes none', 'e\u0301', 1],
  ['colours take none', '\x1b[1mab\x1b[0m', 2],
]
for (const [about, text, columns] of widths) {
  test(about, () => assert.equal(displayWidth(text), columns))
}

test('a full row moves on to the next, and a wide character is not split at the margin', () => {
  assert.deepEqual(placeAfter('1234', 5), { row: 0, column: 4 })
  assert.deepEqual(placeAfter('12345', 5), { row: 1, column: 0 })
  assert.deepEqual(placeAfter('1234漢', 5), { row: 1, column: 2 })
})

test('painting goes back up to the cursor of a wrapped line', () => {
  assert.deepEqual(paint({ prompt: '> ', text: '123456789', cursor: 1 }, 5), {
    sequence: '> 123456789\x1b[2A\r\x1b[3C',
    cursorRow: 0,
  })
})

test('a line that fills its last row is settled on the next', () => {
  assert.deepEqual(paint({ prompt: '> ', text: '123', cursor: 3 }, 5), {
    sequence: '> 123\r\n\r',
    cursorRow: 1,
  })
})

test('text appears above the line being typed, which is drawn again below it', () => {
  const paper = new Paper()
  const screen = new Screen(paper)
  screen.show({ prompt: '> ', text: 'sta', cursor: 3 })
  screen.flush()
  assert.equal(paper.take(), '> sta\r\x1b[5C')
  screen.print('a log line')
  screen.print('another\n')
  screen.flush()
  assert.equal(paper.take(), '\r\x1b[Ja log line\nanother\n> sta\r\x1b[5C')
})

test('a finished line stays among what scrolls by', () => {
  const paper = new Paper()
  const screen = new Screen(paper)
  screen.show({ prompt: '> ', text: 'status', cursor: 2 })
  screen.finishLine()
  screen.print('UP')
  screen.flush()
  assert.ok(paper.take().endsWith('\r\x1b[J> status\nUP\n'))
})

test('log lines are counted instead of kept when the terminal does not keep up', () => {
  const paper = new Paper()
  const screen = new Screen(paper)
  screen.print('x'.repeat(5 * 1024 * 1024))
  screen.printIfKeepingUp('lost')
  screen.printIfKeepingUp('lost too')
  screen.flush()
  paper.take()
  screen.printIfKeepingUp('seen')
  screen.flush()
  assert.equal(paper.take(), '[2 log lines left out: the terminal was too slow]\nseen\n')
})
