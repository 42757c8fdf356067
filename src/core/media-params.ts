/** The params of a profile that are about sound, whichever endpoint it belongs to: what `legSettings` and `codecListOf` ask for. */

import { number, text, yes } from './setting-words.ts'
import type { Setting } from './settings.ts'

export const mediaSettings: readonly Setting[] = [
  text('codec-prefs', undefined, 'codecs for both directions'),
  text('inbound-codec-prefs', undefined, 'codecs for calls that come in'),
  text('outbound-codec-prefs', undefined, 'codecs for calls that go out'),
  text('inbound-codec-negotiation', 'generous', 'generous, greedy or scrooge'),
  text('rfc2833-pt', '101', 'payload type of telephone-event'),
  number('dtmf-duration', '2000', 'samples at 8 kHz of a digit'),
  text('dtmf-type', 'rfc2833', 'rfc2833, info or none'),
  yes('liberal-dtmf', 'false', 'take digits any way they come'),
  text(
    'auto-jitterbuffer-msec',
    undefined,
    'a jitter buffer for every call, as jitterbuffer takes it',
  ),
  yes('rtp-autofix-timing', 'true', 'take packets of another length than agreed, and send such'),
  yes('suppress-cng', 'false', 'no comfort noise (RFC 3389) in offers and answers'),
  yes('supress-cng', 'false', 'the older spelling of suppress-cng'),
  text('vad', 'none', 'silence is not sent in calls that come in, go out, both or none'),
  yes('disable-rtp-auto-adjust', 'false', 'send where the SDP says, whatever arrives from where'),
  text('ice-mode', 'lite', 'lite: checks of ICE are answered; full: made as well'),
  text(
    'turn-server',
    undefined,
    'turn:host:port with username and password or secret, for ice-mode full: we offer an address there too; repeatable',
  ),
  {
    ...text(
      'ice-tcp-port',
      undefined,
      'browsers that get no UDP through may connect to this TCP port of rtp-ip, to the next ones of further media workers; ours',
    ),
    type: 'port',
  },
  text('apply-candidate-acl', undefined, 'which addresses of ICE may be sent to; repeatable'),
  number('rtcp-audio-interval-msec', '0', 'ms between RTCP reports; 0: 5000'),
  number('rtp-timeout-sec', '0', 'seconds without sound until the call ends; 0: never'),
  number('rtp-hold-timeout-sec', '0', 'the same on hold'),
  text('hold-music', undefined, 'what a party hears that is put on hold'),
  yes('disable-transcoding', 'false', "offer the other leg's codec only"),
  yes('pass-rfc2833', 'false', 'events that can pass a bridge as they are pass it untold'),
]
