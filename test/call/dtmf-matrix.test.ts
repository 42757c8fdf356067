/** Digits from each way to each: what one telephone presses the other gets, each digit once, in order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCodec } from '../../src/codecs/index.ts'
import {
  eventsOf,
  pressEvents,
  pressTones,
  type Rhythm,
  timeline,
  tonesByMultimon,
  tonesIn,
} from '../support/digits.ts'
import type { PhoneCall } from '../support/phone.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { patienceMs } from '../support/until.ts'

const twenty = '1234567890*#ABCD1155'
const rhythms: readonly Rhythm[] = [
  { toneMs: 100, gapMs: 80 },
  { toneMs: 60, gapMs: 60 },
]

interface Way {
  /** What the telephone offers and answers with; 110 and 111 stand for what the other side calls so. */
  readonly codecs: readonly number[]
  /** What the dialplan does for a caller, and for a called party, of this kind. */
  readonly caller: readonly string[]
  readonly called: string
  press(call: PhoneCall, digits: string, rhythm: Rhythm): Promise<void>
  heard(call: PhoneCall): string
}

const opusSilence = new Uint8Array(400)
const opusLength = findCodec('opus')!.open('').encode(new Int16Array(960), opusSilence)

/** The payload type under which the other side has a codec. */
function numberOf(call: PhoneCall, name: string): number {
  return Number(new RegExp(`a=rtpmap:(\\d+) ${name}`, 'i').exec(call.remoteSdp)?.[1])
}

const ways: Readonly<Record<string, Way>> = {
  'RFC 4733 at 8 kHz': {
    codecs: [0, 101],
    caller: [],
    called: '',
    press: (call, digits, rhythm) =>
      pressEvents(call.rtp, digits, rhythm, 101, 8000, {
        payload: new Uint8Array(160).fill(255),
        payloadType: 0,
      }),
    heard: (call) => eventsOf(call.rtp, 101, 8000),
  },
  'RFC 4733 at 48 kHz': {
    codecs: [111, 110],
    caller: [],
    called: '',
    press: (call, digits, rhythm) =>
      pressEvents(call.rtp, digits, rhythm, numberOf(call, 'telephone-event/48000'), 48000, {
        payload: opusSilence.subarray(0, opusLength),
        payloadType: numberOf(call, 'opus'),
      }),
    heard: (call) => eventsOf(call.rtp, numberOf(call, 'telephone-event/48000'), 48000),
  },
  INFO: {
    codecs: [0],
    caller: [],
    called: '',
    press: async (call, digits, { toneMs }) => {
      for (const digit of digits) {
        const body = `Signal=${digit}\r\nDuration=${toneMs}\r\n`
        await call.request('INFO', [['Content-Type', 'application/dtmf-relay']], body)
      }
    },
    heard: (call) =>
      call.requests.all
        .filter(({ method }) => method === 'INFO')
        .map(({ body }) => /Signal=(\S)/.exec(body)?.[1])
        .join(''),
  },
  tones: {
    codecs: [0],
    caller: ['start_dtmf'],
    called: "{execute_on_answer='start_dtmf_generate write'}",
    press: (call, digits, rhythm) => pressTones(call.rtp, digits, rhythm),
    heard: (call) => tonesIn(timeline(call.rtp)),
  },
}

interface Cell {
  readonly name: string
  readonly from: Way
  readonly to: Way
  readonly number: string
}

const cells: readonly Cell[] = Object.entries(ways).flatMap(([fromName, from], row) =>
  Object.entries(ways).map(([toName, to], column) => ({
    name: `${fromName} to ${toName}`,
    from,
    to,
    number: `7${row}${column}`,
  })),
)

/** Waits until a text is so long; what never comes is seen later. */
async function grown(text: () => string, length: number): Promise<string> {
  const until = performance.now() + patienceMs
  for (;;) {
    const now = text()
    if (now.length >= length || performance.now() > until) return now
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Half a second of silence: what runs for the first time is slow, and would tear holes into the first tones. */
async function beQuiet({ codecs }: Way, call: PhoneCall): Promise<void> {
  const isOpus = codecs[0] === 111
  const payload = isOpus ? opusSilence.subarray(0, opusLength) : new Uint8Array(160).fill(255)
  const payloadType = isOpus ? numberOf(call, 'opus') : 0
  for (let i = 0; i < 25; i++) {
    await call.rtp.packet(payload, payloadType, isOpus ? 960 : 160)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('twenty digits, slow and fast, from every way to every way: none lost, none doubled', async (t) => {
  await using sw = await startSipSwitch({
    modules: ['mod_opus'],
    settings: {
      'inbound-codec-prefs': 'OPUS,PCMU',
      'outbound-codec-prefs': 'OPUS,PCMU',
    },
    extensions: Object.fromEntries(
      cells.map(({ from, to, number }) => [
        number,
        [...from.caller, `bridge:${to.called}sofia/internal/1001%example.test`],
      ]),
    ),
  })
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  assert.equal((await b.register()).status, 200)
  const calls: { readonly cell: Cell; readonly out: PhoneCall; readonly into: PhoneCall }[] = []
  for (const cell of cells) {
    const out = await a.call(cell.number, { codecs: cell.from.codecs })
    const into = await b.incoming()
    const isOpus = cell.to.codecs[0] === 111
    into.answer(
      isOpus ? [numberOf(into, 'opus'), numberOf(into, 'telephone-event/48000')] : cell.to.codecs,
    )
    assert.equal((await out.outcome()).status, 200, cell.name)
    await sw.event('CHANNEL_BRIDGE')
    calls.push({ cell, out, into })
  }
  await Promise.all(calls.map(({ cell, out }) => beQuiet(cell.from, out)))
  let wanted = ''
  for (const rhythm of rhythms) {
    wanted += twenty
    await Promise.all(calls.map(({ cell, out }) => cell.from.press(out, twenty, rhythm)))
    await Promise.all(
      calls.map(({ cell, into }) => grown(() => cell.to.heard(into), wanted.length)),
    )
  }
  // What would come twice comes soon.
  await new Promise((resolve) => setTimeout(resolve, 500))
  for (const { cell, into } of calls) {
    await t.test(cell.name, () => {
      assert.equal(cell.to.heard(into), wanted)
      const isTones = cell.to === ways['tones']
      if (cell.to.codecs[0] !== 0) return
      const sound = timeline(into.rtp)
      const other = tonesByMultimon(sound)
      if (other !== undefined) assert.equal(other, isTones ? wanted : '', 'multimon-ng')
      if (!isTones) assert.equal(tonesIn(sound), '', 'no tones beside')
    })
  }
})
