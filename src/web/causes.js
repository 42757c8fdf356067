/** Why a call ended, in words. */

/** What an incoming call that rang here ended with, and is no missed one. */
export const elsewhere = 'answered elsewhere'

const causes = {
  NORMAL_CLEARING: '',
  NORMAL_UNSPECIFIED: '',
  ATTENDED_TRANSFER: '',
  BLIND_TRANSFER: '',
  LOSE_RACE: elsewhere,
  PICKED_OFF: elsewhere,
  ALLOTTED_TIMEOUT: 'no answer',
  PROGRESS_TIMEOUT: 'no answer',
  MANAGER_REQUEST: 'ended by the operator',
  MEDIA_TIMEOUT: 'no sound came any more',
  RECOVERY_ON_TIMER_EXPIRE: 'no answer from there',
  SYSTEM_SHUTDOWN: 'the server was stopped',
  ORIGINATOR_CANCEL: '',
  USER_BUSY: 'busy',
  NO_ANSWER: 'no answer',
  NO_USER_RESPONSE: 'no answer',
  CALL_REJECTED: 'refused',
  UNALLOCATED_NUMBER: 'there is no such number',
  NO_ROUTE_DESTINATION: 'there is no such number',
  USER_NOT_REGISTERED: 'not there',
  SUBSCRIBER_ABSENT: 'not there',
  INCOMPATIBLE_DESTINATION: 'no sound in common',
  DESTINATION_OUT_OF_ORDER: 'cannot be reached',
}

/** The reason for which a call ended; empty when it is none to speak of. */
export function causeText(cause) {
  return (
    causes[cause] ??
    String(cause ?? '')
      .toLowerCase()
      .replaceAll('_', ' ')
  )
}
