/** Hunting the dialplan: which actions a call gets from a context. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of the dialplan are written so
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogLine, onLog } from '../../../src/base/log.ts'
import {
  findContext,
  type HuntOptions,
  hunt,
  parseInline,
} from '../../../src/core/dialplan/hunt.ts'
import { expand } from '../../../src/core/expand/expand.ts'
import { fixedZone } from '../../../src/core/time/timezone.ts'
import { Variables } from '../../../src/core/variables.ts'
import type { XmlNode } from '../../../src/xml/node.ts'

function node(
  name: string,
  attributes: Record<string, string>,
  ...inside: (XmlNode | string)[]
): XmlNode {
  return {
    name,
    attributes: new Map(Object.entries(attributes)),
    children: inside.filter((child) => typeof child !== 'string'),
    text: inside.filter((child) => typeof child === 'string').join(''),
    place: { file: 'dialplan.xml', line: 7 },
    parent: undefined,
  }
}
const context = (...extensions: XmlNode[]) => node('context', { name: 'c' }, ...extensions)
const extension = (name: string, ...conditions: XmlNode[]) =>
  node('extension', { name }, ...conditions)
const condition = (expression: string, more: Record<string, string>, ...inside: XmlNode[]) =>
  node('condition', { field: 'destination_number', expression, ...more }, ...inside)
const action = (data: string, more: Record<string, string> = {}) =>
  node('action', { application: 'set', data, ...more })
const anti = (data: string, more: Record<string, string> = {}) =>
  node('anti-action', { application: 'set', data, ...more })
const regex = (expression: string, field = 'destination_number') =>
  node('regex', { field, expression })
const rest = extension('rest', condition('.', {}, action('rest')))

interface Call {
  number?: string
  variables?: Record<string, string>
  now?: number
  options?: HuntOptions
}

/** The data of the actions, inline ones marked, and what was logged and left in the variables. */
async function walk(
  tree: XmlNode,
  { number = '12', variables = {}, now = 0, options = {} }: Call = {},
) {
  const kept = new Variables()
  for (const [name, value] of Object.entries(variables)) kept.set(name, value)
  const log: string[] = []
  const inline: string[] = []
  const fields: Record<string, string> = {
    destination_number: number,
    context: 'c',
    caller_id_number: '555',
  }
  const result = await hunt(
    tree,
    {
      field: (name) => fields[name] ?? '',
      variable: (name) => kept.get(name),
      expand: (text) =>
        expand(text, {
          variable: (name) => kept.value(name),
          command: (name, args) => (name === 'later' ? Promise.resolve(args) : undefined),
        }),
      setVariable: (name, value) => kept.set(name, value),
      async runInline(application, data) {
        inline.push(`${application}(${data})`)
        const [name = '', value] = data.split('=')
        kept.set(name, value)
      },
      now,
      zones: { server: fixedZone(0), find: () => undefined },
      log: (text) => void log.push(text),
    },
    options,
  )
  return { result, data: result?.actions.map((entry) => entry.data), inline, log, variables: kept }
}

const datas = async (tree: XmlNode, call?: Call) => (await walk(tree, call)).data

test('the first extension that matches ends the hunt', async () => {
  const tree = context(
    extension('one', condition('^9', {}, action('nine'))),
    extension('two', condition('^1', {}, action('a'))),
    rest,
  )
  const { result, data } = await walk(tree)
  assert.deepEqual(data, ['a'])
  assert.equal(result?.extension, 'two')
  assert.deepEqual(result?.actions[0]?.place, { file: 'dialplan.xml', line: 7 })
})

test('without a match there is no result', async () => {
  assert.equal(
    (await walk(context(extension('x', condition('^9', {}, action('a')))))).result,
    undefined,
  )
})

test('continue="true" goes on, and words that are no yes do not', async () => {
  const going = (word: string) =>
    node('extension', { name: word, continue: word }, condition('.', {}, action(word)))
  assert.deepEqual(
    await datas(context(going('TRUE'), going('yes'), going('1'), going('perhaps'), rest)),
    ['TRUE', 'yes', '1', 'perhaps'],
  )
})

test('actions of conditions that held stay even when a later condition fails', async () => {
  const tree = context(
    extension('x', condition('^1', {}, action('a')), condition('^9', {}, action('b'))),
    rest,
  )
  assert.deepEqual(await datas(tree), ['a', 'rest'])
})

test('a failing condition with anti-actions counts as a match', async () => {
  const tree = context(extension('x', condition('^(9)', {}, anti('no $1'))), rest)
  assert.deepEqual(await datas(tree), ['no $1'])
})

test('break modes decide whether the next condition is asked', async () => {
  const asked = (mode: string, first: string) =>
    datas(
      context(
        extension(
          'x',
          condition(first, { break: mode }, action('a'), anti('n')),
          condition('.', {}, action('b')),
        ),
      ),
    )
  assert.deepEqual(await asked('on-false', '^1'), ['a', 'b'])
  assert.deepEqual(await asked('on-false', '^9'), ['n'])
  assert.deepEqual(await asked('ON-TRUE', '^1'), ['a'])
  assert.deepEqual(await asked('on-true', '^9'), ['n', 'b'])
  assert.deepEqual(await asked('always', '^1'), ['a'])
  assert.deepEqual(await asked('never', '^9'), ['n', 'b'])
  assert.deepEqual(await asked('sometimes', '^9'), ['n'])
})

test('nested conditions are asked when the outer one holds, and must hold too', async () => {
  const tree = (inner: string, more: Record<string, string>) =>
    context(
      extension(
        'x',
        condition('^1', more, action('outer'), condition(inner, {}, action('inner'))),
        condition('.', {}, action('after')),
      ),
      rest,
    )
  assert.deepEqual(await datas(tree('2', {})), ['outer', 'inner', 'after'])
  assert.deepEqual(await datas(tree('9', {})), ['outer', 'rest'])
  assert.deepEqual(await datas(tree('9', { 'require-nested': 'false' })), ['outer', 'after'])
  assert.deepEqual(await datas(tree('9', { break: 'never' })), ['outer', 'after'])
  assert.deepEqual(await datas(tree('2', { break: 'on-true' })), ['outer'])
})

test('conditions deeper than a hundred are left out and reported', async () => {
  let inner = condition('.', {}, action('deepest'))
  for (let depth = 0; depth < 150; depth++) inner = condition('.', {}, inner)
  assert.equal(await datas(context(extension('x', inner))), undefined)
})

test('captures are for the actions of their own condition only', async () => {
  const tree = context(
    extension(
      'x',
      condition(
        '^(1)(2)?(3)?$',
        {},
        action('$0 $1 ${2} [$3] [$9] $x $$'),
        condition('.', {}, action('$1 inner')),
      ),
      condition('^1', {}, action('$1 later ${DP_MATCH[2]}')),
    ),
  )
  const { data } = await walk(tree)
  assert.deepEqual(data, ['12 1 2 [] [] $x $$', '$1 inner', '$1 later ${DP_MATCH[2]}'])
})

test('DP_MATCH holds the last match with groups', async () => {
  const tree = context(
    extension('x', condition('^(1)(2)$', {}, action('a')), condition('.', {}, action('b'))),
  )
  assert.deepEqual((await walk(tree)).variables.value('DP_MATCH'), ['12', '1', '2'])
})

test('a field with a dollar is a text, any other the name of a profile field', async () => {
  const tree = context(
    extension(
      'x',
      node('condition', { field: '${color}', expression: '^(blue)$' }, action('$1')),
      node('condition', { field: 'color', expression: '^$' }, action('no such field')),
      node(
        'condition',
        { field: '${later(x)}', expression: '^${later(x)}$' },
        action('both expanded'),
      ),
    ),
  )
  assert.deepEqual(await datas(tree, { variables: { color: 'blue' } }), [
    'blue',
    'no such field',
    'both expanded',
  ])
})

test('the expression may stand in a child, with its blanks', async () => {
  const child = (text: string) =>
    context(
      extension(
        'x',
        node(
          'condition',
          { field: 'destination_number' },
          node('expression', {}, text),
          action('a'),
        ),
      ),
    )
  assert.deepEqual(await datas(child('^1(.)$')), ['a'])
  assert.equal(await datas(child(' ^1')), undefined)
})

test('a condition without field holds, one without expression matches anything', async () => {
  const tree = context(
    extension(
      'x',
      node('condition', {}, action('a')),
      node('condition', { field: 'nothing' }, action('b')),
      node('condition', { expression: '^9' }, action('c')),
    ),
  )
  assert.deepEqual(await datas(tree), ['a', 'b', 'c'])
})

test('regex lists: all, any and xor', async () => {
  const list = (rule: string, number: string, ...tests: XmlNode[]) =>
    datas(
      context(
        extension(
          'x',
          node('condition', { regex: rule }, ...tests, action('yes $1'), anti('no $1')),
        ),
      ),
      { number },
    )
  const both = [regex('^(1)'), regex('(2)$')]
  assert.deepEqual(await list('all', '12', ...both), ['yes 2'])
  assert.deepEqual(await list('all', '13', ...both), ['no $1'])
  assert.deepEqual(await list('any', '13', ...both), ['yes 1'])
  assert.deepEqual(await list('any', '32', ...both), ['yes 2'])
  assert.deepEqual(await list('some', '33', ...both), ['no $1'])
  assert.deepEqual(await list('XOR', '32', ...both), ['yes 2'])
  assert.deepEqual(await list('xor', '12', ...both), ['no $1'])
  assert.deepEqual(await list('all', '12'), ['yes $1'])
  assert.deepEqual(await list('any', '12'), ['no $1'])
  assert.deepEqual(await list('any', '12', node('regex', {})), ['yes $1'])
})

test('an xor whose last test has groups and fails gives the groups of the one that passed', async () => {
  const tree = context(
    extension(
      'x',
      node('condition', { regex: 'xor' }, regex('^(1)'), regex('(9)$'), action('got $1')),
    ),
    rest,
  )
  // The last test's word decides whether it counts as a match: the hunt goes on.
  assert.deepEqual(await datas(tree), ['got 1', 'rest'])
})

test('an all that fails behind a test with groups is a match without actions', async () => {
  const tree = context(
    extension('x', node('condition', { regex: 'all' }, regex('^(1)'), regex('9$'), action('a'))),
    rest,
  )
  assert.equal((await walk(tree)).result, undefined)
})

test('DP_REGEX_MATCH_n is kept for each test but the one at which the list stopped, and forgotten by the next list', async () => {
  const tree = context(
    node(
      'extension',
      { name: 'x', continue: 'true' },
      node('condition', { regex: 'all' }, regex('^(1)'), regex('(2)'), action('a')),
    ),
  )
  const { variables } = await walk(tree)
  assert.deepEqual(variables.value('DP_REGEX_MATCH_1'), ['1', '1'])
  assert.deepEqual(variables.value('DP_REGEX_MATCH_2'), ['2', '2'])
  const stopped = context(
    extension('x', node('condition', { regex: 'any' }, regex('^(1)'), action('a'))),
  )
  const later = await walk(stopped, { variables: { DP_REGEX_MATCH_2: 'old' } })
  assert.equal(later.variables.get('DP_REGEX_MATCH_1'), undefined)
  assert.equal(later.variables.get('DP_REGEX_MATCH_2'), undefined)
})

test('time attributes beside a field act as or for the actions', async () => {
  const tree = context(
    extension(
      'x',
      condition('^(9)', { hour: '0' }, action('a [$1]'), anti('n')),
      condition('.', {}, action('b')),
    ),
    rest,
  )
  assert.deepEqual(await datas(tree, { now: 0 }), ['a []', 'b'])
  assert.deepEqual(await datas(tree, { now: 3_600_000 }), ['n'])
})

test('time attributes alone decide', async () => {
  const tree = context(extension('x', node('condition', { hour: '0-5' }, action('night'))), rest)
  assert.deepEqual(await datas(tree, { now: 0 }), ['night'])
  assert.deepEqual(await datas(tree, { now: 43_200_000 }), ['rest'])
})

test('an inline action runs at once and later conditions see it', async () => {
  const tree = context(
    extension(
      'x',
      condition('^(1)', {}, action('seen=$1', { inline: 'true' })),
      node('condition', { field: '${seen}', expression: '^1$' }, action('b')),
    ),
  )
  const { inline, data } = await walk(tree)
  assert.deepEqual(inline, ['set(seen=1)'])
  assert.deepEqual(data, ['b'])
})

test('an extension with nothing but inline actions still counts', async () => {
  const { result } = await walk(
    context(extension('x', condition('.', {}, action('a=1', { inline: 'yes' })))),
  )
  assert.deepEqual(result, { extension: 'x', actions: [] })
})

test('loop repeats an action, and 0 leaves it out', async () => {
  const tree = context(
    extension(
      'x',
      condition(
        '.',
        {},
        action('a', { loop: '3' }),
        action('b', { loop: '0' }),
        action('c', { loop: 'x' }),
      ),
    ),
  )
  assert.deepEqual(await datas(tree), ['a', 'a', 'a'])
})

test('the text inside an action wins over its data, unless it is blank', async () => {
  const tree = context(
    extension(
      'x',
      condition(
        '(.)$',
        {},
        node('action', { application: 'set', data: 'attribute' }, 'text $1'),
        node('action', { application: 'set', data: 'attribute' }, '\n '),
      ),
    ),
  )
  assert.deepEqual(await datas(tree), ['text 2', 'attribute'])
})

test('auto_hunt begins with the extension named like the number, in any case', async () => {
  const tree = context(
    extension('first', condition('.', {}, action('first'))),
    extension('Target', condition('^nothing$', {}, action('target'))),
    extension('last', condition('.', {}, action('last'))),
  )
  assert.deepEqual(await datas(tree, { number: 'target', variables: { auto_hunt: 'true' } }), [
    'last',
  ])
  assert.deepEqual(await datas(tree, { number: 'target', variables: { auto_hunt: 'no' } }), [
    'first',
  ])
  assert.deepEqual(await datas(tree, { number: 'other', variables: { auto_hunt: 'true' } }), [
    'first',
  ])
  assert.deepEqual(await datas(tree, { options: { start: 'LAST' } }), ['last'])
})

test('an expression that cannot be used never matches and is reported once with its place', async () => {
  const lines: LogLine[] = []
  using _ = onLog((line) => void lines.push(line))
  const tree = context(
    extension('bad', condition('^(12', {}, action('a'))),
    extension('worse', condition('^(${open}', {}, action('a'))),
    rest,
  )
  for (let count = 0; count < 3; count++) {
    assert.deepEqual(await datas(tree, { variables: { open: '((' } }), ['rest'])
  }
  const reports = lines.filter((line) => line.area === 'core/hunt')
  assert.equal(reports.length, 2)
  assert.ok(reports.every((line) => line.text.startsWith('dialplan.xml:7: ')))
})

test('patterns may be Asterisk’s or stand between slashes', async () => {
  const tree = (expression: string) =>
    context(extension('x', condition(expression, {}, action('a'))))
  assert.deepEqual(await datas(tree('_NXX'), { number: '234' }), ['a'])
  assert.equal(await datas(tree('_NXX'), { number: '134' }), undefined)
  assert.deepEqual(await datas(tree('/^ABC$/i'), { number: 'abc' }), ['a'])
})

test('an aborted hunt has no result', async () => {
  assert.equal(
    (await walk(context(rest), { options: { signal: AbortSignal.abort() } })).result,
    undefined,
  )
})

test('the log tells how it went', async () => {
  const { log } = await walk(
    context(extension('x', condition('^1', {}, action('a'), condition('^9', {}, action('b'))))),
  )
  assert.deepEqual(log, [
    'parsing [c->x] continue=false',
    'Regex (PASS) [x] destination_number(12) =~ /^1/ break=on-false',
    'Action set(a) ',
    '|--- Processing recursive conditions level:1 [x_recur_1] require-nested=TRUE',
    '|--- Regex (FAIL) [x_recur_1] destination_number(12) =~ /^9/ break=on-false',
  ])
})

test('a context is found in any case, or else the one called global', () => {
  const section = node(
    'section',
    { name: 'dialplan' },
    node('context', { name: 'Default' }),
    node('context', { name: 'global' }),
  )
  assert.equal(findContext(section, 'default'), section.children[0])
  assert.equal(findContext(section, 'other'), section.children[1])
  assert.equal(findContext(node('section', {}), 'other'), undefined)
})

test('inline actions are separated by commas, or by the character between m: and :', () => {
  const read = (text: string) =>
    parseInline(text).map(({ application, data }) => `${application}(${data})`)
  assert.deepEqual(read('answer,set:a=b:c, hangup:USER_BUSY'), [
    'answer()',
    'set(a=b:c)',
    'hangup(USER_BUSY)',
  ])
  assert.deepEqual(read('m:^:set:a=1,2^set:b=3'), ['set(a=1,2)', 'set(b=3)'])
  assert.deepEqual(read("'set:a=x, y',park"), ['set(a=x, y)', 'park()'])
  assert.deepEqual(read(',park'), ['()', 'park()'])
  assert.deepEqual(read(''), [])
})
