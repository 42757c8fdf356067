/** Pictures: a grid of colours written as PNG (ISO/IEC 15948), no more of it than that needs. */
import { crc32, deflateSync } from 'node:zlib'

export type Colour = readonly [red: number, green: number, blue: number]

/** Digits and a few signs, 3 × 5 points; each row's three bits. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 2, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  ':': [0, 2, 0, 2, 0],
  k: [4, 5, 6, 5, 5],
}

export class Picture {
  readonly width: number
  readonly height: number
  readonly #pixels: Uint8Array

  constructor(width: number, height: number, background: Colour) {
    this.width = width
    this.height = height
    this.#pixels = new Uint8Array(width * height * 3)
    for (let at = 0; at < width * height; at++) this.#pixels.set(background, at * 3)
  }

  /** What lies outside is left out. */
  set(x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return
    this.#pixels.set(colour, (y * this.width + x) * 3)
  }

  /** Writes digits, `:` and `k`, twice their size, from the upper left corner on. */
  write(text: string, x: number, y: number, colour: Colour): void {
    let left = x
    for (const char of text) {
      const rows = glyphs[char] ?? []
      for (const [row, bits] of rows.entries())
        for (let column = 0; column < 3; column++)
          if (bits & (4 >> column)) this.#dot(left + column * 2, y + row * 2, colour)
      left += 8
    }
  }

  #dot(x: number, y: number, colour: Colour): void {
    for (const dx of [0, 1]) for (const dy of [0, 1]) this.set(x + dx, y + dy, colour)
  }

  png(): Buffer {
    const head = Buffer.alloc(13)
    head.writeUInt32BE(this.width, 0)
    head.writeUInt32BE(this.height, 4)
    head.set([8, 2, 0, 0, 0], 8) // eight bits a colour, red green blue, no interlacing
    const row = this.width * 3
    const lines = Buffer.alloc((row + 1) * this.height) // each begins with filter 0
    for (let y = 0; y < this.height; y++)
      lines.set(this.#pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
    return Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', head),
      chunk('IDAT', deflateSync(lines)),
      chunk('IEND', Buffer.alloc(0)),
    ])
  }
}

function chunk(name: string, body: Buffer): Buffer {
  const text = Buffer.concat([Buffer.from(name, 'latin1'), body])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(text))
  return Buffer.concat([length, text, check])
}
