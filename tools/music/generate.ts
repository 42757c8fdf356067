/** Makes the music on hold: `npx tsx tools/music/generate.ts [--folder DIR]`. The same scores give the same files. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setRate } from '../prompts/table.ts'
import { writeSound } from '../prompts/wav-file.ts'
import { render } from './arrange.ts'
import { musicLevel, pieces } from './pieces.ts'

const { values } = parseArgs({
  options: { folder: { type: 'string', default: join('sounds', 'music') } },
})
const folder = join(values.folder, String(setRate))
mkdirSync(folder, { recursive: true })
for (const piece of pieces) {
  const samples = render(piece, setRate, musicLevel)
  writeSound(join(folder, `${piece.name}.wav`), samples, setRate)
  const energy = samples.reduce((sum, x) => sum + x * x, 0) / samples.length
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const decibels = (value: number) => (20 * Math.log10(value)).toFixed(1)
  console.log(
    `${piece.name}: ${(samples.length / setRate).toFixed(1)} s, ${decibels(Math.sqrt(energy))} dBFS, peak ${decibels(peak)} dBFS`,
  )
}
