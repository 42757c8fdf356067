/** A REFER of ours (`deflect`): the far end is sent elsewhere and says how it went (RFC 3515). */
import { logger } from '../../base/log.ts'
import { isTrue } from '../../core/variables.ts'
import { hostText } from '../../sip/flow.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { extraHeaders } from './extra-headers.ts'
import { headerSets } from './headers.ts'

const log = logger('sofia/refer')

/** How long the outcome of a REFER is awaited, ms. */
const outcomeMs = 10_000

/** Who waits for the NOTIFY of a call's REFER. */
const waiting = new WeakMap<Call, (outcome: string) => void>()

/**
 * Sends REFER; resolves with what came of it (`200`, `486`; `408` without news). The call ends with that, unless
 * `sip_refer_continue_after_reply` says otherwise.
 */
export function sendDeflect(call: Call, target: string, signal: AbortSignal): Promise<string> {
  const { dialog, channel, profile } = call
  if (dialog?.state !== 'confirmed') return Promise.resolve('481')
  const uri = /^<?sips?:/i.test(target) ? target : `sip:${target}@${hostText(profile.sipIp)}`
  const headers: HeaderLine[] = [
    ['Contact', call.contact],
    ...headerSets(profile).events,
    ['Refer-To', uri.includes('<') ? uri : `<${uri}>`],
    ['Referred-By', call.contact.replace(/;[^>]*>/, '>')],
    ['Content-Length', '0'],
    ...extraHeaders(channel, 'sip_h_'),
  ]
  const request = dialog.createRequest('REFER', headers)
  return new Promise((resolve) => {
    const finish = (outcome: string) => {
      clearTimeout(timer)
      waiting.delete(call)
      signal.removeEventListener('abort', onAbort)
      resolve(outcome)
      if (outcome === '487' || isTrue(channel.variables.get('sip_refer_continue_after_reply')))
        return
      channel.hangup('BLIND_TRANSFER')
    }
    const timer = setTimeout(() => finish('408'), outcomeMs)
    const onAbort = () => finish('487')
    signal.addEventListener('abort', onAbort, { once: true })
    dialog.send(request, {
      final: (response) => {
        channel.variables.setForeign(
          'sip_refer_reply',
          `SIP/2.0 ${response.status} ${response.reason}\r\n`,
        )
        if (response.status >= 300) finish(String(response.status))
        // Accepted: the NOTIFY says more.
        else waiting.set(call, finish)
      },
    })
  })
}

/** A NOTIFY inside a call: news of our REFER, else nothing that we asked for. */
export function takeReferNotify(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const finish = waiting.get(call)
  const headers = headerSets(call.profile).brief
  const isRefer = (request.get('Event') ?? '').toLowerCase().startsWith('refer')
  if (!isRefer) {
    transaction.respond(finish ? 489 : 481, { headers })
    return
  }
  transaction.respond(200, { headers })
  const { channel } = call
  channel.announce(
    'CUSTOM',
    (event) => {
      event.add('content-type', request.get('Content-Type') ?? '')
      event.body = request.body
    },
    'sofia::notify_refer',
  )
  const status = /^SIP\/2\.0 (\d{3}) ?(.*)/.exec(request.body)
  if (!status || !finish) return
  channel.variables.setForeign('sip_refer_reply', request.body)
  const code = Number(status[1])
  if (code < 200) return
  log.info(`the far end was sent elsewhere: ${code} ${status[2] ?? ''}`, channel.uuid)
  finish(String(code))
}
