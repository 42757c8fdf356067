/** The preprocessor's rules, on small trees in a temporary folder. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollars are what is tested
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { type LogLine, onLog } from '../../../src/base/log.ts'
import { type PreProcessOptions, preProcess } from '../../../src/xml/pre-process.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function tree(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pre-process-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

async function run(files: Record<string, string | Buffer>, more: Partial<PreProcessOptions> = {}) {
  const folder = tree(files)
  const variables = more.variables ?? new Map<string, string>()
  variables.set('conf_dir', folder)
  const logged: LogLine[] = []
  using _ = onLog((line) => logged.push(line))
  const merged = await preProcess(join(folder, 'a.xml'), { ...more, variables })
  const where = (text: string) => {
    const place = merged.placeAt(merged.text.indexOf(text))
    return `${place.file.slice(folder.length + 1)}:${place.line}:${place.column}`
  }
  return { text: merged.text, variables, where, logged: logged.map((line) => line.text), folder }
}

const set = (data: string) => `<X-PRE-PROCESS cmd="set" data="${data}"/>\n`

test('$${name} is replaced by what the variable holds at that line; an unset one leaves nothing', async () => {
  const { text } = await run({
    'a.xml': `[$\${x}]\n${set('x=1')}[$\${x}$\${X}$\${no}$\${}]\n${set('x=2')}$\${x}`,
  })
  assert.equal(text, '[]\n[11]\n2')
})

test('names are matched by braces that pair and values are not expanded again', async () => {
  const { text, variables } = await run({
    'a.xml': `${set('n=x')}${set('x=$$ {y}')}$\${a_$\${n}}|$\${x}|$$$\${n}|\\$\${n}|$\${n`,
  })
  assert.equal(text, '|$$ {y}|$$x|\\x|$${n')
  assert.equal(variables.get('x'), '$$ {y}')
})

test('a value that would expand in a call is disarmed', async () => {
  const { variables } = await run({ 'a.xml': `${set('x=${y} $z $\\{w}')}` })
  assert.equal(variables.get('x'), '%{y} $z %\\{w}')
})

test('set trims blanks after the name and before the value only', async () => {
  const { variables, logged } = await run({
    'a.xml': `${set('a  =  v w  ')}${set('  b=1')}${set('c=x=y=z')}${set('d=')}${set('noequals')}`,
  })
  assert.equal(variables.get('a'), 'v w  ')
  assert.equal(variables.get('  b'), '1')
  assert.equal(variables.get('b'), undefined)
  assert.equal(variables.get('c'), 'x=y=z')
  assert.equal(variables.get('d'), '')
  assert.match(logged.join('\n'), /a\.xml:5:1: set needs name=value/)
})

test('the command takes its whole line, runs inside comments, and only the first on a line counts', async () => {
  const { text, variables } = await run({
    'a.xml': `<a>\nbefore <!-- ${set('x=1').trim()} --> after\n${set('y=1').trim()}${set('z=1')}</a>`,
  })
  assert.equal(text, '<a>\n</a>')
  assert.equal(variables.get('x'), '1')
  assert.equal(variables.get('y'), '1')
  assert.equal(variables.has('z'), false)
})

test('what is no command as the preprocessor reads it is dropped or passed on', async () => {
  const { text, variables } = await run({
    'a.xml': [
      "<X-PRE-PROCESS cmd='set' data='a=1'/>",
      '<X-PRE-PROCESS data="b=1" cmd="set"/>',
      '< X-PRE-PROCESS cmd="set" data="c=1"/>',
      '<X-PRE-PROCESS cmd="set"',
      ' data="d=1"/>',
      '<X-NO-PRE-PROCESS cmd="set" data="e=1"/>',
      '<x-pre-process\tcmd="SET" data="f=1" other="z"></x-pre-process>',
    ].join('\n'),
  })
  assert.equal(text, ' data="d=1"/>\n<X-NO-PRE-PROCESS cmd="set" data="e=1"/>\n')
  assert.deepEqual([...variables.keys()], ['conf_dir', 'f'])
})

test('lines with <include>, </include> or <? are dropped', async () => {
  const { text, variables } = await run({
    'a.xml': `<include>\n<?xml version="1.0"?>\nx <include> y\n<include>${set('a=1')}keep\n</include>`,
  })
  assert.equal(text, 'keep\n')
  assert.equal(variables.has('a'), false)
})

test('include goes by the folder of the including file, in byte order, and by absolute paths', async () => {
  const { text, where } = await run({
    'a.xml': '<X-PRE-PROCESS cmd="include" data="sub/*.xml"/>\nend\n',
    'sub/10.xml': 'ten\n',
    'sub/9.xml': 'nine <X-PRE-PROCESS cmd="include" data="deep/x.xml"/>\nlast\n',
    'sub/deep/x.xml': '<X-PRE-PROCESS cmd="include" data="$${conf_dir}/abs.xml"/>\n',
    'sub/.hidden.xml': 'hidden\n',
    'sub/x.txt': 'text\n',
    'abs.xml': 'one\n  absolute\n',
  })
  assert.equal(text, 'ten\none\n  absolute\nlast\nend\n')
  assert.equal(where('ten'), 'sub/10.xml:1:1')
  assert.equal(where('absolute'), 'abs.xml:2:3')
  assert.equal(where('last'), 'sub/9.xml:2:1')
  assert.equal(where('end'), 'a.xml:2:1')
})

test('places stay right behind a variable', async () => {
  const { where } = await run({ 'a.xml': `${set('x=a long value')}\n$\${x} here $\${x} there\n` })
  assert.equal(where('here'), 'a.xml:3:7')
  assert.equal(where('there'), 'a.xml:3:18')
  assert.equal(where('long'), 'a.xml:3:1')
})

test('a file that includes itself is included once and reported', async () => {
  const { text, logged } = await run({
    'a.xml': 'x\n<X-PRE-PROCESS cmd="include" data="*.xml"/>\n',
    'b.xml': 'b\n',
  })
  assert.equal(text, 'x\nb\n')
  assert.match(logged.join('\n'), /a\.xml:2:1: .*a\.xml includes itself/)
})

test('an include that finds nothing is noted, one that cannot be read is an error; both go on', async () => {
  const { text, logged } = await run({
    'a.xml':
      '<X-PRE-PROCESS cmd="include" data="no/*.xml"/>\n<X-PRE-PROCESS cmd="include" data="folder"/>\nx',
    'folder/y': '',
  })
  assert.equal(text, 'x')
  assert.match(logged[0] ?? '', /a\.xml:1:1: no files to include/)
  assert.match(logged[1] ?? '', /a\.xml:2:1: cannot include/)
})

test('a root file that is missing throws', async () => {
  await assert.rejects(preProcess('/nowhere/freeswitch.xml', { variables: new Map() }), {
    code: 'XML_NO_FILE',
  })
})

test('exec inserts what the command prints, at the place of the command and not looked at again', async () => {
  const { text, where } = await run({
    'a.xml': `${set('x=1')}  <X-PRE-PROCESS cmd="exec" data="echo '$\${x} $$'; cat $\${conf_dir}/b.xml"/>\n`,
    'b.xml': `<X-PRE-PROCESS cmd="set" data="x=2"/>\n`,
  })
  assert.equal(text, '1 $$\n<X-PRE-PROCESS cmd="set" data="x=2"/>\n')
  assert.equal(where('<X-PRE'), 'a.xml:2:3')
})

test('exec-set takes the output without blanks at its end, if the command succeeds', async () => {
  const command = (data: string) => `<X-PRE-PROCESS cmd="exec-set" data="${data}"/>\n`
  const { variables, logged } = await run({
    'a.xml':
      command("a=printf ' a b \\n\\n'") +
      command('b=false') +
      command('c=true') +
      command('d = echo one | tr a-z A-Z'),
  })
  assert.equal(variables.get('a'), ' a b')
  assert.equal(variables.has('b'), false)
  assert.equal(variables.has('c'), false)
  assert.equal(variables.get('d'), 'ONE')
  assert.match(logged.join('\n'), /a\.xml:2:1: exec-set \[false\] exit status 1/)
})

test('env-set wants a dollar and leaves the variable alone when the environment lacks it', async () => {
  process.env['PRE_PROCESS_TEST'] = 'from env'
  const command = (data: string) => `<X-PRE-PROCESS cmd="env-set" data="${data}"/>\n`
  const { variables } = await run({
    'a.xml':
      command('a=$PRE_PROCESS_TEST') +
      set('b=before') +
      command('b=$PRE_PROCESS_NOT_THERE') +
      command('c=plain'),
  })
  delete process.env['PRE_PROCESS_TEST']
  assert.equal(variables.get('a'), 'from env')
  assert.equal(variables.get('b'), 'before')
  assert.equal(variables.has('c'), false)
})

test('stun-set asks the server it is given, takes plain addresses, and reports a failure', async () => {
  const command = (data: string) => `<X-PRE-PROCESS cmd="stun-set" data="${data}"/>\n`
  const asked: string[] = []
  const { variables, logged } = await run(
    {
      'a.xml':
        command('a=stun:stun.example:3479') +
        command('b=192.0.2.9') +
        command('c=stun:down.example'),
    },
    {
      stunLookup: async (host, port) => {
        asked.push(`${host}:${port}`)
        if (host === 'down.example') throw new Error('no answer')
        return '192.0.2.1'
      },
    },
  )
  assert.deepEqual(asked, ['stun.example:3479', 'down.example:3478'])
  assert.equal(variables.get('a'), '192.0.2.1')
  assert.equal(variables.get('b'), '192.0.2.9')
  assert.equal(variables.has('c'), false)
  assert.match(logged.join('\n'), /a\.xml:3:1: stun-set stun:down\.example failed: no answer/)
})

test('the older comment form sets and includes, may span lines, and leaves the text around it', async () => {
  const { text, variables } = await run({
    'a.xml':
      'x <!--#set "a=1"--> y\n<!--#exec-set "b=echo old"-->\n<!--#set "c=2"\nskipped\nend --> z\n<!--#include "b.xml"-->\n',
    'b.xml': 'included\n',
  })
  assert.equal(text, 'x  y\n\n z\nincluded\n\n'.replace('included\n\n', '\nincluded\n'))
  assert.equal(variables.get('a'), '1')
  assert.equal(variables.get('b'), 'old')
  assert.equal(variables.get('c'), '2')
})

test('an override beats every command that sets its name, and is there from the start', async () => {
  const { text, variables } = await run(
    {
      'a.xml': `$\${x}\n${set('x=file')}<X-PRE-PROCESS cmd="exec-set" data="x=echo no"/>\n$\${x}\n`,
    },
    { overrides: new Map([['x', 'mine']]) },
  )
  assert.equal(text, 'mine\nmine\n')
  assert.equal(variables.get('x'), 'mine')
})

test('Latin-1 files and line ends of other systems are read', async () => {
  const { text, where } = await run({ 'a.xml': Buffer.from('Zo\xeb\r\nline two\rthree', 'latin1') })
  assert.equal(text, 'Zoë\nline two\nthree')
  assert.equal(where('three'), 'a.xml:3:1')
})
