/**
 * Records of legs as variables of whoever dialled them: `b_leg_cdr` of one that was bridged (`copy_xml_cdr`, `copy_json_cdr` on
 * the leg), and those of an attempt that failed (`failed_xml_cdr_prefix`, `failed_json_cdr_prefix` on the caller).
 */
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'
import { jsonRecord } from './json-record.ts'
import type { CallFigures } from './recorders.ts'
import { xmlRecord } from './xml-record.ts'

const forms = ['xml', 'json'] as const
type Form = (typeof forms)[number]

const copies = new WeakMap<Channel, Map<Form, string>>()

/** A leg whose end takes longer is not waited for, ms. */
const patienceMs = 5000

/** The forms in which somebody wants the record of a channel that ends. */
export function copiedForms({ variables, profile, sw }: Channel): readonly Form[] {
  const caller = profile.originator && sw.channels.get(profile.originator.get('uuid'))
  return forms.filter(
    (form) =>
      isTrue(variables.get(`copy_${form}_cdr`)) ||
      caller?.variables.has(`failed_${form}_cdr_prefix`) === true,
  )
}

/** Keeps them, when all variables stand. */
export function keepCopies(channel: Channel, wanted: readonly Form[], figures: CallFigures): void {
  if (wanted.length === 0) return
  const write = { xml: xmlRecord, json: (one: Channel) => jsonRecord(one, figures, true) }
  copies.set(channel, new Map(wanted.map((form) => [form, write[form](channel, figures)])))
}

/** After a bridge: the record of the leg that is gone becomes a variable of the other one. Undefined: nobody wants that. */
export function copyToCaller(caller: Channel, leg: Channel): Promise<void> | undefined {
  const wanted = forms.filter((form) => isTrue(leg.variables.get(`copy_${form}_cdr`)))
  return wanted.length === 0 || leg.isUp ? undefined : copy(caller, leg, wanted)
}

async function copy(caller: Channel, leg: Channel, wanted: readonly Form[]): Promise<void> {
  await untilGone(leg)
  for (const form of wanted) {
    const text = copies.get(leg)?.get(form)
    caller.variables.setForeign('b_leg_cdr', text)
    caller.variables.setForeign(`b_leg_cdr_${leg.uuid}`, text)
  }
}

/** After an attempt that failed: `<prefix>_1` and so on, and how many there are as `<prefix>_total`. Undefined: not wanted. */
export function copyFailures(caller: Channel, legs: readonly Channel[]): Promise<void> | undefined {
  const wanted = forms.filter((form) => caller.variables.has(`failed_${form}_cdr_prefix`))
  return wanted.length === 0 ? undefined : copyAll(caller, legs, wanted)
}

async function copyAll(
  caller: Channel,
  legs: readonly Channel[],
  wanted: readonly Form[],
): Promise<void> {
  for (const form of wanted) {
    const prefix = caller.variables.get(`failed_${form}_cdr_prefix`)
    let total = Number.parseInt(caller.variables.get(`${prefix}_total`) ?? '0', 10) || 0
    for (const leg of legs) {
      if (leg.isUp) continue
      await untilGone(leg)
      const text = copies.get(leg)?.get(form)
      if (text !== undefined) caller.variables.setForeign(`${prefix}_${++total}`, text)
    }
    caller.variables.set(`${prefix}_total`, String(total))
  }
}

function untilGone(leg: Channel): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      handle[Symbol.dispose]()
      resolve()
    }
    const timer = setTimeout(finish, patienceMs).unref()
    const handle = leg.signals.on('state', (state) => {
      if (state === 'destroy') finish()
    })
    if (leg.state === 'destroy') finish()
  })
}
