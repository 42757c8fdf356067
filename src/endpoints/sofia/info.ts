/** INFO inside a call: digits of phones that have no telephone-event, recording keys, and an event for the rest. */

import { logger } from '../../base/log.ts'
import { isLiberal } from '../../core/leg-settings.ts'
import { receiveDigit } from '../../core/receive-digit.ts'
import { sidedLegOf } from '../../core/sides/sided-leg.ts'
import { isTrue } from '../../core/variables.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { callOf } from './call-table.ts'
import { keepExtraHeaders } from './extra-headers.ts'
import { headerSets } from './headers.ts'

const log = logger('sofia/info')

const digitWords = '0123456789*#ABCD'

/** A digit as `Signal=` or a plain body gives it: itself, or the number of its telephone-event. */
function digitOf(text: string): string | undefined {
  const word = text.trim()
  if (/^[*#A-D]/i.test(word)) return word[0]?.toUpperCase()
  const number = Number.parseInt(word, 10)
  return Number.isNaN(number) ? undefined : digitWords[number]
}

interface Digit {
  readonly digit: string
  /** Samples at 8 kHz. */
  readonly duration: number
}

/** The digit that a body brings; undefined when it brings none. */
export function digitOfInfo(
  contentType: string,
  body: string,
  usualDuration: number,
): Digit | undefined {
  if (contentType === 'application/dtmf-relay') {
    const digit = digitOf(/signal=\s*([^\r\n]*)/i.exec(body)?.[1] ?? '')
    if (digit === undefined) return undefined
    const ms = Number.parseInt(/duration=\s*([^\r\n]*)/i.exec(body)?.[1] ?? '', 10)
    return { digit, duration: ms > 0 ? ms * 8 : usualDuration }
  }
  if (contentType === 'application/dtmf') {
    const digit = digitOf(body)
    return digit === undefined ? undefined : { digit, duration: usualDuration }
  }
  if (contentType === 'application/vnd.nortelnetworks.digits') {
    const digit = digitOf(/d=\s*([^\r\n]*)/i.exec(body)?.[1] ?? '')
    return digit === undefined ? undefined : { digit, duration: 800 }
  }
  return undefined
}

/** RFC 5168: how a phone asks for a whole picture. */
const mediaControl = 'application/media_control+xml'
const pictureRequest =
  '<?xml version="1.0" encoding="utf-8"?>\r\n<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>\r\n'

/** Asks the party for a whole picture: a browser by RTCP, a phone by INFO (with `body`, if another phone asks for it). */
export function askForPicture(call: Call, body = pictureRequest): void {
  const { sides } = call.media
  if (sides.askForPicture()) return
  if (sides.all.some(({ kind }) => kind === 'video')) call.sendInfo(mediaControl, body)
}

/** A phone asks for a whole picture: the party whose video it sees is asked for one. */
function passPictureRequest(call: Call, contentType: string, body: string): void {
  if (contentType !== mediaControl || !body.includes('picture_fast_update')) return
  const { partner } = call.channel
  const other = partner && callOf(partner)
  if (other) askForPicture(other, body)
  else sidedLegOf(partner)?.askForPicture()
}

export function receiveInfo(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const { channel, profile } = call
  keepExtraHeaders(channel, request, 'sip_info_h_')
  const usual = Number(
    channel.variables.get('dtmf_duration') ?? profile.values.number('dtmf-duration'),
  )
  const digit = digitOfInfo(request.contentType, request.body, usual)
  if (digit) {
    const takes = channel.variables.get('dtmf_type') === 'info' || isLiberal(profile, channel)
    if (takes) receiveDigit(channel, { ...digit, source: 'ENDPOINT' })
    else log.warning(`digit ${digit.digit} by INFO where telephone-event was agreed`, channel.uuid)
  } else {
    const record = request.get('Record')
    if (record !== undefined) return receiveRecord(call, transaction, record)
    passPictureRequest(call, request.contentType, request.body)
    const code = request.get('X-ClientCode')
    if (code) channel.variables.setForeign('call_clientcode', code)
  }
  channel.announce('RECV_INFO', (event) => {
    event.add('SIP-From-User', request.from.uri.userName)
    event.add('SIP-From-Host', request.from.uri.host)
    event.add('SIP-To-User', request.to.uri.userName)
    event.add('SIP-To-Host', request.to.uri.host)
    if (request.contentType) event.add('SIP-Content-Type', request.contentType)
    if (request.hasBody) event.body = request.body
  })
  transaction.respond(200, { headers: headerSets(profile).brief })
}

/** `Record: on` and `off` of phones with a recording key; needs `record-template`. */
function receiveRecord(call: Call, transaction: ServerTransaction, word: string): void {
  const { channel, profile } = call
  const { variables } = channel
  const headers = headerSets(profile).brief
  const template = profile.values.text('record-template')
  const answer = (status: number, reason?: string) =>
    void transaction.respond(status, { reason, headers })
  if (template === '') return answer(488, 'Recording not enabled')
  if (isTrue(variables.get('sip_disable_recording'))) {
    return answer(488, 'Recording disabled for this channel')
  }
  const start = word.trim().toLowerCase() === 'on'
  const running = variables.get('sofia_record_file')
  if (!start && !running) return answer(488, 'Nothing to stop')
  const folder = profile.values.text('record-path') || '${recordings_dir}'
  const line = start
    ? `uuid_record ${channel.uuid} start ${folder}/${template}`
    : `uuid_record ${channel.uuid} stop ${running}`
  void (async () => {
    const expanded = await channel.sw.expand(line, channel)
    const reply = await channel.sw.runCommand(expanded, channel)
    if (reply.startsWith('-ERR')) return answer(500)
    variables.set('sofia_record_file', start ? (expanded.split(' ')[3] ?? '') : undefined)
    answer(200)
  })().catch(() => answer(500))
}
