/** A conference of a hundred: who hears whom, and a list of members that is true whatever is done. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomNumbers } from '../../tools/random.ts'
import { joined, press, told, whoHears } from '../support/conference.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { until } from '../support/until.ts'

const people = 100
const operations = 30
const seed = 20_261_128

const configuration = `<configuration name="conference.conf"><profiles>
<profile name="hall"><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/></profile>
</profiles></configuration>`

interface Person {
  readonly call: PhoneCall
  speaks: boolean
  hears: boolean
  isHeld: boolean
  energy: number
  volumeIn: number
  volumeOut: number
}

type Hall = Map<string, Person>

/** Each row as `id hears speaks holds energy in out`, whatever else lists tell. */
async function listed(sw: SipSwitch): Promise<string[]> {
  const rows = (await sw.api('conference hall list')).split('\n').filter((row) => row !== '')
  return rows
    .map((row) => {
      const [id, , , , , flags = '', volumeIn, volumeOut, energy] = row.split(';')
      const has = (flag: string) => flags.split('|').includes(flag)
      return `${id} ${has('hear')} ${has('speak')} ${has('hold')} ${energy} ${volumeIn} ${volumeOut}`
    })
    .sort()
}

function expected(hall: Hall): string[] {
  return [...hall]
    .map(([id, person]) => {
      const { energy, isHeld, volumeIn, volumeOut } = person
      const hears = person.hears && !isHeld
      const speaks = person.speaks && !isHeld
      return `${id} ${hears} ${speaks} ${isHeld} ${energy} ${volumeIn} ${volumeOut}`
    })
    .sort()
}

/** Waits until the list says what it should. */
async function untilTrue(sw: SipSwitch, hall: Hall, what: string): Promise<void> {
  const wanted = expected(hall)
  const holds = async () => (await listed(sw)).join() === wanted.join()
  await until(holds, `${what}: ${wanted.join()}`, () => listed(sw))
  assert.equal(await sw.api('conference hall count'), String(hall.size), what)
}

async function enter(sw: SipSwitch, hall: Hall, index: number): Promise<void> {
  const { call, id } = await joined(sw, String(1000 + (index % 10)), '3000')
  const fresh = { speaks: true, hears: true, isHeld: false, energy: 100, volumeIn: 0, volumeOut: 0 }
  hall.set(id, { call, ...fresh })
}

/** What may be done, by command or by keys; each changes the model as it should change the conference. */
const deeds: readonly ((
  sw: SipSwitch,
  hall: Hall,
  id: string,
  person: Person,
) => Promise<unknown>)[] = [
  (sw, _hall, id, person) => {
    person.speaks = false
    return sw.api(`conference hall mute ${id} quiet`)
  },
  (sw, _hall, id, person) => {
    person.speaks = !person.speaks
    return sw.api(`conference hall tmute ${id} quiet`)
  },
  (sw, _hall, id, person) => {
    person.hears = false
    return sw.api(`conference hall deaf ${id}`)
  },
  (sw, _hall, id, person) => {
    person.isHeld = !person.isHeld
    return sw.api(`conference hall ${person.isHeld ? 'hold' : 'unhold'} ${id}`)
  },
  (sw, _hall, id, person) => {
    person.energy = 900
    return sw.api(`conference hall energy ${id} 900`)
  },
  (sw, _hall, id, person) => {
    person.volumeIn = 2
    return sw.api(`conference hall volume_in ${id} 2`)
  },
  (sw, hall, id) => {
    hall.delete(id)
    return sw.api(`conference hall kick ${id}`)
  },
  (sw, hall, id) => {
    hall.delete(id)
    return sw.api(`conference hall hup ${id}`)
  },
  (_sw, hall, id, person) => {
    hall.delete(id)
    return person.call.bye()
  },
  // Keys: mute and unmute (who is unmuted so hears again), a step of the threshold, a step of the volume, and out.
  (_sw, _hall, _id, person) => {
    if (!person.isHeld) {
      person.speaks = !person.speaks
      if (person.speaks) person.hears = true
    }
    return press(person.call, '0')
  },
  (_sw, _hall, _id, person) => {
    person.energy = Math.min(1800, person.energy + 200)
    return press(person.call, '9')
  },
  (_sw, _hall, _id, person) => {
    person.volumeOut = Math.min(4, person.volumeOut + 1)
    return press(person.call, '3')
  },
  (_sw, hall, id, person) => {
    hall.delete(id)
    return press(person.call, '#')
  },
  async (sw, hall) => enter(sw, hall, hall.size),
]

test('a hundred phones: three talk in turn and together, and the list is true after each of thirty random deeds', async () => {
  await using sw = await startSipSwitch({
    modules: ['mod_conference'],
    rtpPorts: 600,
    configuration,
    extensions: { '3000': ['conference:hall@hall'] },
  })
  const hall: Hall = new Map()
  for (let index = 0; index < people; index++) await enter(sw, hall, index)
  assert.equal(told(sw, 'add-member').length, people)
  await untilTrue(sw, hall, 'all are in')

  const calls = [...hall.values()].map(({ call }) => call)
  const talkers = [calls[3]!, calls[50]!, calls[97]!]
  const listeners = [...talkers, calls[0]!, calls[10]!, calls[75]!]
  const tones = [500, 900, 1300]
  for (const [index, talker] of talkers.entries()) {
    const tone = tones[index]!
    const heard = await whoHears([talker], [tone], listeners)
    assert.deepEqual(
      heard.map(([hears]) => hears),
      listeners.map((listener) => listener !== talker),
      `${index} talks alone`,
    )
  }
  const together = await whoHears(talkers, tones, listeners)
  assert.deepEqual(
    together,
    listeners.map((listener) => talkers.map((talker) => listener !== talker)),
    'all three talk',
  )

  const random = randomNumbers(seed)
  const pick = (count: number) => Math.floor(random() * count)
  for (let i = 0; i < operations; i++) {
    const [id, person] = [...hall][pick(hall.size)]!
    const number = pick(deeds.length)
    await deeds[number]!(sw, hall, id, person)
    await untilTrue(sw, hall, `deed ${i}: ${number} to member ${id}`)
  }

  const [first, second] = [...hall.values()].filter(
    ({ energy, hears, isHeld, speaks }) => speaks && hears && !isHeld && energy === 100,
  )
  const pair = [first!.call, second!.call]
  assert.deepEqual(await whoHears(pair, [600, 1100]), [
    [false, true],
    [true, false],
  ])
  await sw.api('conference hall kick all')
  await sw.sw.channels.untilEmpty()
  assert.equal(await sw.api('conference list'), '+OK No active conferences.\n')
  const { legs, portsInUse } = await sw.sw.media.figures()
  assert.deepEqual([legs, portsInUse], [0, 0])
})
