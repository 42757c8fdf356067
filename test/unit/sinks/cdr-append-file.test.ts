/** The files of mod_cdr_csv: lines stand whole and in order, whatever the disk does meanwhile. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AppendFile, noFigures } from '../../../src/sinks/cdr_csv/append-file.ts'
import { temporaryFolder } from '../../support/sound.ts'
import { until } from '../../support/until.ts'

describe('AppendFile', () => {
  it('keeps the order in which lines were added, also of one that is still being made', async () => {
    await using folder = await temporaryFolder()
    const figures = noFigures()
    const file = new AppendFile(join(folder.path, 'deep', 'Master.csv'), figures)
    file.add('first\n')
    let made = (_line: string) => {}
    file.add(new Promise((resolve) => (made = resolve)))
    file.add('third\n')
    made('second\n')
    await file.close()
    assert.equal(readFileSync(file.path, 'utf8'), 'first\nsecond\nthird\n')
    assert.deepEqual(figures, { ...noFigures(), written: 3 })
  })

  it('ends the half line that a killed server has left, once, and goes on behind it', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'Master.csv')
    writeFileSync(path, '"whole"\n"hal')
    const figures = noFigures()
    const file = new AppendFile(path, figures)
    file.add('"next"\n')
    await file.close()
    assert.equal(readFileSync(path, 'utf8'), '"whole"\n"hal\n"next"\n')
    assert.equal(figures['half lines ended'], 1)
  })

  it('keeps lines for a file that cannot be written, and writes them when it can', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'Master.csv')
    // A folder in its place: nobody can write there, whoever runs this.
    mkdirSync(path)
    const figures = noFigures()
    const file = new AppendFile(path, figures)
    file.add('first\n')
    await until(() => figures.failures > 0, 'a failure')
    file.add('second\n')
    assert.deepEqual([figures.written, figures.waiting, figures.lost], [0, 2, 0])
    rmdirSync(path)
    await until(() => figures.written === 2, 'both lines')
    assert.equal(readFileSync(path, 'utf8'), 'first\nsecond\n')
    assert.equal(figures.waiting, 0)
  })

  it('does not wait for ever at its end: what no disk took is counted', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'Master.csv')
    mkdirSync(path)
    const figures = noFigures()
    const file = new AppendFile(path, figures)
    file.add('never\n')
    await file.close()
    assert.deepEqual([figures.written, figures.waiting, figures.lost], [0, 0, 1])
  })

  it('gives another name to what was written before, and overwrites nothing that has it', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'Master.csv')
    const file = new AppendFile(path, noFigures())
    file.add('old\n')
    file.rotate(`${path}.stamp`)
    file.add('middle\n')
    await until(() => readdirSync(folder.path).includes('Master.csv.stamp'), 'the first rotation')
    await until(() => file.isIdle, 'the file to be written')
    file.rotate(`${path}.stamp`)
    await until(() => readdirSync(folder.path).includes('Master.csv.stamp.1'), 'the second')
    file.add('new\n')
    await file.close()
    const texts = readdirSync(folder.path).map((name) =>
      readFileSync(join(folder.path, name), 'utf8'),
    )
    assert.equal(texts.join('').length, 'old\nmiddle\nnew\n'.length)
    assert.equal(readFileSync(path, 'utf8'), 'new\n')
  })

  it('loses a line that could not be made, and no other', async () => {
    await using folder = await temporaryFolder()
    const figures = noFigures()
    const file = new AppendFile(join(folder.path, 'Master.csv'), figures)
    file.add(Promise.reject(new Error('a command failed')))
    file.add('next\n')
    await file.close()
    assert.equal(readFileSync(file.path, 'utf8'), 'next\n')
    assert.deepEqual([figures.written, figures.waiting, figures.lost], [1, 0, 1])
  })
})
