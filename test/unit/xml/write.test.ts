/** Trees written out as the console commands print them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../../../src/xml/parse.ts'
import { duplicate, makeElement, writeXml } from '../../../src/xml/write.ts'

test('elements stand on lines of their own, indented by two blanks, never closed in themselves', () => {
  const user = parseXml(
    '<user id="u4"><params><param name="a" value="b"/></params><variables/></user>',
    'f.xml',
  )
  assert.equal(
    writeXml(user),
    '<user id="u4">\n  <params>\n    <param name="a" value="b"></param>\n  </params>\n  <variables></variables>\n</user>\n',
  )
})

test('text and attributes are escaped', () => {
  const root = parseXml('<a b="&lt;&amp;&quot;&#10;&#9;\'">x &lt; y &amp; "z"</a>', 'f.xml')
  assert.equal(writeXml(root), '<a b="&lt;&amp;&quot;&#xA;&#x9;\'">x &lt; y &amp; "z"</a>\n')
})

test('text keeps its place among the children', () => {
  const root = parseXml('<a>one<b/>two<c/>three</a>', 'f.xml')
  assert.equal(writeXml(root), '<a>one  <b></b>\ntwo  <c></c>\nthree</a>\n')
})

test('what is written parses to the same tree', () => {
  const root = parseXml('<a x="1&amp;2">\n  <b y="&lt;"/>\n  <c><![CDATA[<d>]]></c>\n</a>', 'f.xml')
  const copy = duplicate(root)
  assert.deepEqual([...copy.attributes], [...root.attributes])
  assert.equal(copy.children[1]?.text, '<d>')
  assert.notEqual(copy.children[0], root.children[0])
})

test('an element can be made from parts of others', () => {
  const params = parseXml('<params>\n<param name="p" value="1"/></params>', 'f.xml')
  const user = makeElement('user', [['id', '1000']], [params], params.place)
  assert.equal(user.children[0]?.parent, user)
  assert.equal(user.children[0]?.children[0]?.parent, user.children[0])
  assert.equal(
    writeXml(user),
    '<user id="1000">\n  <params>\n    <param name="p" value="1"></param>\n  </params>\n</user>\n',
  )
})
