/** An INVITE from outside: who may call, who calls, and the channel that comes of it. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { CallerProfile } from '../../core/caller-profile.ts'
import type { DirectoryUser } from '../../core/directory.ts'
import { newUuid } from '../../core/events.ts'
import { startChannel } from '../../core/state-loop.ts'
import { isTrue } from '../../core/variables.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { type AuthenticatedUser, authenticate } from './authenticate.ts'
import { keepExtraHeaders } from './extra-headers.ts'
import { arrivalByGateway } from './gateway-call.ts'
import { headerSets } from './headers.ts'
import { readCaller, readPrivacy } from './identity.ts'
import { InboundCall } from './inbound-call.ts'
import { setInviteVariables, setOriginVariables, setUserVariables } from './invite-variables.ts'
import type { Profile } from './profile.ts'
import { replaceParty } from './replaces.ts'
import { tooShort } from './session-timer.ts'

const log = logger('sofia/inbound')

/** Who was found to call, and by what. */
interface Admission {
  readonly caller: AuthenticatedUser | undefined
  readonly user: DirectoryUser | undefined
  readonly acl: string | undefined
  readonly token: string | undefined
  /** Needs no password, or has shown it. */
  readonly isAuthorized: boolean
}

/** Takes an INVITE that begins a call; answers by itself where none comes of it. */
export function receiveInvite(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  const refuse = (
    status: number,
    more: readonly (readonly [string, string])[] = [],
    reason?: string,
  ) => {
    profile.callsIn++
    profile.failedCallsIn++
    transaction.respond(status, { reason, headers: [...headerSets(profile).full, ...more] })
    return true
  }
  if (!request.contact || request.contact.uriText === '*') {
    return refuse(400, [], 'Missing Contact Header')
  }
  const minimum = tooShort(profile, request)
  if (minimum !== undefined) return refuse(422, [['Min-SE', String(minimum)]])
  const admission = admit(profile, transaction)
  if (!admission) return true
  if (request.hasBody && request.contentType !== 'application/sdp') {
    return refuse(415)
  }
  if (profile.sw.isStopping || profile.sw.channels.admit('inbound')) {
    return refuse(503, [['Retry-After', '300']], 'Maximum Calls In Progress')
  }
  profile.callsIn++
  begin(profile, transaction, admission)
  return true
}

/** Whether the caller may; undefined when it was answered here. */
function admit(profile: Profile, transaction: ServerTransaction): Admission | undefined {
  const { request } = transaction
  const { values, sw } = profile
  const address = request.flow?.remoteAddress ?? ''
  const needsPassword = values.boolean('auth-calls')
  let list: string | undefined
  let token: string | undefined
  let passes = false
  for (const name of values.all('apply-inbound-acl')) {
    const verdict = sw.acls.check(address, name)
    list = name
    if (!verdict.allowed) continue
    passes = true
    token = verdict.token
    break
  }
  const forbid = () => {
    profile.callsIn++
    profile.failedCallsIn++
    transaction.respond(403, { headers: headerSets(profile).full })
  }
  if (list !== undefined && !passes && !needsPassword) {
    log.warning(`INVITE from ${address} refused: it does not pass ${list}`)
    forbid()
    return undefined
  }
  if (passes && needsPassword) {
    return { caller: undefined, user: userOf(profile, token), acl: list, token, isAuthorized: true }
  }
  if (needsPassword && values.boolean('auth-calls-acl-only')) {
    forbid()
    return undefined
  }
  const hasCredentials = request.has('Proxy-Authorization') || request.has('Authorization')
  if (needsPassword && values.boolean('accept-blind-auth')) {
    const user = userOf(profile, `${request.from.uri.userName}@${request.from.uri.hostAddress}`)
    return { caller: undefined, user, acl: undefined, token: undefined, isAuthorized: true }
  }
  if (!needsPassword && !hasCredentials) {
    return {
      caller: undefined,
      user: userOf(profile, token),
      acl: undefined,
      token,
      isAuthorized: false,
    }
  }
  const caller = authenticate(profile, transaction, 'proxy')
  if (caller.outcome !== 'user') {
    if (caller.outcome === 'refused') {
      profile.callsIn++
      profile.failedCallsIn++
    }
    return undefined
  }
  return { caller, user: caller.user, acl: undefined, token: undefined, isAuthorized: true }
}

function userOf(profile: Profile, text: string | undefined): DirectoryUser | undefined {
  if (text === undefined) return undefined
  const at = text.indexOf('@')
  const user = profile.sw.directory.user(text.slice(0, Math.max(0, at)), text.slice(at + 1))
  if (!user) log.debug(`there is no user ${text}`)
  return user
}

function begin(profile: Profile, transaction: ServerTransaction, admission: Admission): void {
  const { request } = transaction
  const { from } = request
  const user = from.uri.userName
  const name = `sofia/${profile.name}/${user ? `${user}@` : ''}${from.uri.hostPort}`
  const callerProfile = new CallerProfile({ network_addr: request.flow?.remoteAddress ?? '' })
  const call = new InboundCall(
    { profile, uuid: uuidFor(profile, request), name, direction: 'inbound', callerProfile },
    transaction,
  )
  call.trying()
  describe(call, admission)
  const { channel } = call
  const { flow } = request
  log.info(`INVITE from ${flow?.remoteAddress}:${flow?.remotePort} ${request.callId}`, channel.uuid)
  if (!agree(call)) {
    startChannel(channel)
    channel.hangup('INCOMPATIBLE_DESTINATION')
    return
  }
  const replaces = replaceParty(call)
  if (!channel.isUp) return
  startChannel(channel)
  if (replaces && channel.task) channel.moveTo('soft_execute')
  else if (!request.hasBody && !takesNoOffer(profile)) {
    log.info('an INVITE without offer is refused: enable-3pcc is off', channel.uuid)
    channel.variables.set('endpoint_disposition', '3PCC DISABLED')
    channel.hangup('MANDATORY_IE_MISSING')
  }
}

/** `enable-3pcc`: `true`, or `proxy`, which waits for the answer as we always do. */
function takesNoOffer(profile: Profile): boolean {
  const word = profile.values.text('enable-3pcc').toLowerCase()
  return word === 'proxy' || isTrue(word)
}

function uuidFor(profile: Profile, request: SipRequest): string {
  const { callId } = request
  const usable =
    profile.values.boolean('inbound-use-callid-as-uuid') &&
    /^[\w.@:-]{1,200}$/.test(callId) &&
    !profile.sw.channels.get(callId)
  return usable ? callId : newUuid()
}

/** Variables and caller profile. */
function describe(call: InboundCall, admission: Admission): void {
  const { channel, profile } = call
  const { request } = call.invite
  const { variables } = channel
  setOriginVariables(channel, request, admission.caller)
  if (admission.isAuthorized) variables.set('sip_authorized', 'true')
  if (admission.acl) variables.set('sip_acl_authed_by', admission.acl)
  if (admission.token) {
    variables.set('acl_token', admission.token)
    variables.set('sip_acl_token', admission.token)
  }
  if (admission.user) setUserVariables(channel, admission.user, admission.caller)
  setInviteVariables(profile, channel, request)
  const caller = readCaller(profile, channel, request)
  call.callerIdType = caller.type
  const own = channel.profile
  const fields = {
    username: caller.number,
    dialplan: variables.get('inbound_dialplan') ?? profile.values.text('dialplan'),
    caller_id_name: caller.name,
    caller_id_number: caller.number,
    orig_caller_id_name: caller.name,
    orig_caller_id_number: caller.number,
    ani: caller.number,
    aniii: request.from.uri.parameter('isup-oli') ?? '',
    destination_number: destinationOf(profile, request),
    context: contextOf(call, request),
  } as const
  for (const [field, value] of Object.entries(fields)) {
    own.set(field as keyof typeof fields, value)
  }
  readPrivacy(channel, own, request)
  keepExtraHeaders(channel, request, 'sip_h_')
  const arrival = arrivalByGateway(profile.sw, request)
  if (!arrival) return
  own.set('context', arrival.context)
  if (arrival.extension) own.set('destination_number', arrival.extension)
  for (const [name, value] of arrival.variables) variables.set(name, value)
}

function destinationOf(profile: Profile, request: SipRequest): string {
  const { uri } = request
  const user = uri.userName || request.to.uri.userName || request.from.uri.userName || 'service'
  return profile.values.boolean('full-id-in-dialplan') ? `${user}@${uri.hostPort}` : user
}

function contextOf(call: InboundCall, request: SipRequest): string {
  const own = call.channel.variables.get('user_context')
  if (own) return own
  const context = call.profile.values.text('context')
  return context.toLowerCase() === '_domain_' ? request.from.uri.host : context
}

/** Agrees on a codec with the offer, if there is one. False: none in common, or the offer cannot be read. */
function agree(call: InboundCall): boolean {
  const { channel } = call
  const { request } = call.invite
  if (!request.hasBody) {
    channel.variables.set('endpoint_disposition', 'RECEIVED_NOSDP')
    return true
  }
  try {
    const isLate = ['inbound-late-negotiation', 'inbound-proxy-media', 'inbound-bypass-media'].some(
      (param) => call.profile.values.boolean(param),
    )
    if (call.media.readOffer(request.body, isLate)) {
      channel.variables.set('endpoint_disposition', isLate ? 'DELAYED NEGOTIATION' : 'RECEIVED')
      return true
    }
    log.notice(call.media.refusal, channel.uuid)
    channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    log.info(`the offer cannot be used: ${reasonOf(thrown)}`, channel.uuid)
    channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
  }
  return false
}
