/** The XML parser: what it makes of good text, and where it says that bad text is bad. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../../src/base/log.ts'
import { parseXml } from '../../../src/xml/parse.ts'
import { attribute, child, children, childWith, params } from '../../../src/xml/query.ts'

function refused(text: string): string {
  try {
    parseXml(text, 'f.xml')
  } catch (thrown) {
    const { code, place } = thrown as { code: string; place: { line: number; column: number } }
    return `${code} ${place.line}:${place.column}`
  }
  return 'fine'
}

test('elements, attributes and text come in document order with their places', () => {
  const root = parseXml(
    '<a z="1" b="2" __proto__="3" constructor="4" 7="5">\n  x<b/>y\n  <c>t</c></a>',
    'f.xml',
  )
  assert.equal(root.name, 'a')
  assert.deepEqual(
    [...root.attributes],
    [
      ['z', '1'],
      ['b', '2'],
      ['__proto__', '3'],
      ['constructor', '4'],
      ['7', '5'],
    ],
  )
  assert.equal(root.text, '\n  xy\n  ')
  assert.deepEqual(
    root.children.map((one) => one.name),
    ['b', 'c'],
  )
  assert.deepEqual(root.children[0]?.place, { file: 'f.xml', line: 2, column: 4 })
  assert.deepEqual(root.children[1]?.place, { file: 'f.xml', line: 3, column: 3 })
  assert.equal(root.children[1]?.parent, root)
  assert.equal(root.parent, undefined)
})

test('entities are resolved once; what is none stays', () => {
  const root = parseXml(
    '<a b="&lt;&gt;&amp;amp;&quot;&apos;&#65;&#x42;&nope;&&#0;">&amp;lt; R&D</a>',
    'f.xml',
  )
  assert.equal(attribute(root, 'b'), '<>&amp;"\'AB&nope;&&#0;')
  assert.equal(root.text, '&lt; R&D')
})

test('CDATA is taken as it is and comments are dropped', () => {
  const root = parseXml('<a>1<![CDATA[<b>&amp;]]>2<!-- <c> -- & -->3</a>', 'f.xml')
  assert.equal(root.text, '1<b>&amp;23')
  assert.equal(root.children.length, 0)
})

test('line ends and tabs in an attribute are blanks', () => {
  assert.equal(attribute(parseXml('<a b="x\n\ty"/>', 'f.xml'), 'b'), 'x  y')
})

test('angle brackets and slashes may stand in attribute values', () => {
  const root = parseXml('<a b="x > y" c="<d/>" e=\'"/>\'><f/></a>', 'f.xml')
  assert.deepEqual([...root.attributes.values()], ['x > y', '<d/>', '"/>'])
  assert.equal(root.children.length, 1)
})

test('a declaration, a DTD and text around the root are passed over', () => {
  const root = parseXml(
    'junk <?xml version="1.0"?>\n<!DOCTYPE a [ <!ENTITY x "<y>"> ]>\n<a><?pi ?><b/></a> junk',
    'f.xml',
  )
  assert.equal(root.name, 'a')
  assert.deepEqual(
    root.children.map((one) => one.place.line),
    [3],
  )
})

test('an attribute without a value in quotes is empty, and reported', () => {
  const logged: string[] = []
  using _ = onLog((line) => logged.push(line.text))
  const root = parseXml('<a>\n<b c d = "1" e=f/></a>', 'f.xml')
  assert.equal(attribute(root.children[0], 'c'), '')
  assert.equal(attribute(root.children[0], 'd'), '1')
  assert.equal(attribute(root.children[0], 'e'), '')
  assert.match(logged[0] ?? '', /^f\.xml:2:4: c of <b> has no value/)
  assert.equal(logged.length, 2)
})

test('faults are found with code and place', () => {
  assert.equal(refused('<a>\n <b>\n</a>'), 'XML_UNCLOSED_TAG 2:2')
  assert.equal(refused('<a>\n <b>'), 'XML_UNCLOSED_TAG 2:2')
  assert.equal(refused('<a>\n </b></a>'), 'XML_UNOPENED_TAG 2:2')
  assert.equal(refused('<a/></a>'), 'XML_UNOPENED_TAG 1:5')
  assert.equal(refused('<a/>\n<b/>'), 'XML_SECOND_ROOT 2:1')
  assert.equal(refused('<a b="1"\n   b="2"/>'), 'XML_DUPLICATE_ATTRIBUTE 2:4')
  assert.equal(refused('<a>\n<!-- x </a>'), 'XML_UNCLOSED_COMMENT 2:1')
  assert.equal(refused('<a><![CDATA[ </a>'), 'XML_UNCLOSED_CDATA 1:4')
  assert.equal(refused('<a><?x </a>'), 'XML_UNCLOSED_INSTRUCTION 1:4')
  assert.equal(refused('<!DOCTYPE a [ <a/>'), 'XML_UNCLOSED_DOCTYPE 1:1')
  assert.equal(refused('<a>1 < 2</a>'), 'XML_UNEXPECTED_MARKUP 1:6')
  assert.equal(refused('<a b="1></a>'), 'XML_UNCLOSED_QUOTE 1:6')
  assert.equal(refused('<a b="1"'), 'XML_BAD_TAG 1:1')
  assert.equal(refused('<a><b </a>'), 'XML_BAD_TAG 1:4')
  assert.equal(refused('<a></a b>'), 'XML_BAD_TAG 1:4')
  assert.equal(refused('  '), 'XML_NO_ROOT 1:1')
})

test('a message names both ends of tags that do not pair', () => {
  assert.throws(() => parseXml('<a>\n <b>\n</a>', 'f.xml'), {
    message: 'f.xml:2:2: <b> is not closed before </a> at f.xml:3:1',
  })
})

test('deep and long documents are no trouble', () => {
  const deep = 900
  let node = parseXml('<a>'.repeat(deep) + '</a>'.repeat(deep), 'f.xml')
  let count = 1
  for (let next = node.children[0]; next; next = next.children[0]) {
    node = next
    count++
  }
  assert.equal(count, deep)
  assert.throws(() => parseXml('<a>'.repeat(5000) + '</a>'.repeat(5000), 'f.xml'), {
    code: 'XML_BAD',
  })
  assert.equal(parseXml(`<a>${'<b/>'.repeat(20_000)}</a>`, 'f.xml').children.length, 20_000)
})

test('queries find children, attributes and settings', () => {
  const root = parseXml(
    '<p><s name="One"><param name="a" value="1"/>\n<param name="b"/><param value="2"/><variable name="v" value="3"/></s><s name="two"/></p>',
    'f.xml',
  )
  assert.equal(children(root, 's').length, 2)
  assert.equal(child(root, 't'), undefined)
  assert.equal(childWith(root, 's', 'name', 'ONE'), root.children[0])
  const settings = child(root, 's')
  assert.deepEqual(params(settings), [
    { name: 'a', value: '1', place: { file: 'f.xml', line: 1, column: 18 } },
    { name: 'b', value: '', place: { file: 'f.xml', line: 2, column: 1 } },
  ])
  assert.deepEqual(
    params(settings, 'variable').map((one) => one.value),
    ['3'],
  )
  assert.deepEqual(params(undefined), [])
})
