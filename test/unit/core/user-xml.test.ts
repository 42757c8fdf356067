import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Directory } from '../../../src/core/directory.ts'
import { mergedUserXml, userXmlValue } from '../../../src/core/user-xml.ts'
import type { XmlNode } from '../../../src/xml/node.ts'
import { parseXml } from '../../../src/xml/parse.ts'
import { child, children } from '../../../src/xml/query.ts'

const directory = (inside: string) => {
  const section = parseXml(`<section name="directory">${inside}</section>`, 'directory.xml')
  return new Directory(() => section)
}

const entry = (name: string, value?: string) =>
  `<param name="${name}"${value === undefined ? '' : ` value="${value}"`}/>`

const own = ['', entry('a', 'own'), entry('A', 'own') + entry('a', 'own last'), entry('a')]
const further = ['', entry('a', 'first') + entry('a', 'second'), entry('a'), entry('b', 'other')]

describe('a value of a directory user', () => {
  it('is what the element merged from user, group and domain has', () => {
    for (const ofUser of own) {
      for (const ofGroup of further) {
        for (const ofDomain of further) {
          const inside = `<domain name="example.test"><params>${ofDomain}</params>
            <groups><group name="g"><params>${ofGroup}</params>
            <users><user id="1"><params>${ofUser}</params></user></users></group></groups></domain>`
          const user = directory(inside).user('1', 'example.test')
          assert.ok(user)
          for (const name of ['a', 'A', 'b', 'c']) {
            const found: XmlNode | undefined = children(
              child(mergedUserXml(user), 'params'),
              'param',
            ).findLast(
              (one) =>
                one.attributes.get('name')?.toLowerCase() === name.toLowerCase() &&
                one.attributes.has('value'),
            )
            assert.equal(
              userXmlValue(user, 'params', name),
              found?.attributes.get('value') ?? '',
              `${name} of ${inside}`,
            )
          }
        }
      }
    }
  })

  it('comes from group and domain where the user has no list of its own', () => {
    const user = directory(
      `<domain name="example.test"><variables><variable name="zone" value="far"/></variables>
       <users><user id="1"/></users></domain>`,
    ).user('1', 'example.test')
    assert.ok(user)
    assert.equal(userXmlValue(user, 'variables', 'Zone'), 'far')
    assert.equal(userXmlValue(user, 'params', 'zone'), '')
  })
})
