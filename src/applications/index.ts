/** mod_dptools: the applications of the dialplan. */
import { apiChat, eventChat } from '../core/chat.ts'
import { inlineDialplan } from '../core/dialplan/dialplan-xml.ts'
import type { Application, Module } from '../core/interfaces.ts'
import { phraseSpeaker, saySpeaker } from '../core/play-phrase.ts'
import { answer, preAnswer, ringReady } from './answer.ts'
import { attXfer } from './att_xfer.ts'
import { bindDigitAction, clearDigitAction, digitActionSetRealm } from './bind_digit_action.ts'
import { bindMetaApp, unbindMetaApp } from './bind_meta_app.ts'
import { bridge } from './bridge.ts'
import { capture } from './capture.ts'
import { debugMedia } from './debug_media.ts'
import { deflect } from './deflect.ts'
import {
  blockDtmf,
  deduplicateDtmf,
  flushDtmf,
  queueDtmf,
  sendDtmf,
  unblockDtmf,
} from './digits.ts'
import { displaceSession, stopDisplaceSession } from './displace_session.ts'
import { eavesdrop, nativeEavesdrop, threeWay } from './eavesdrop.ts'
import { delayEcho, echo } from './echo.ts'
import { executeExtensionApplication } from './execute_extension.ts'
import { hangup } from './hangup.ts'
import { hold, unhold } from './hold.ts'
import { intercept } from './intercept.ts'
import { ivr } from './ivr/index.ts'
import { cngPlc, jitterbuffer } from './jitterbuffer.ts'
import { limit, limitExecute, limitHash, limitHashExecute } from './limit.ts'
import { event, info, log } from './log.ts'
import { mediaReset } from './media_reset.ts'
import {
  breakApplication,
  checkAcl,
  earlyHangup,
  mkdir,
  novideo,
  privacy,
  recoveryRefresh,
} from './misc.ts'
import { mutex } from './mutex.ts'
import { page } from './page.ts'
import { park, parkState } from './park.ts'
import { phrase } from './phrase.ts'
import { playAndGetDigits } from './play_and_get_digits.ts'
import { endlessPlayback, gentones, loopPlayback, playback } from './playback.ts'
import { presence } from './presence.ts'
import { read } from './read.ts'
import { record } from './record.ts'
import * as recordSession from './record_session.ts'
import { redirect } from './redirect.ts'
import { respond } from './respond.ts'
import { sayApplication } from './say.ts'
import {
  broadcastApplication,
  schedBroadcast,
  schedCancel,
  schedHangup,
  schedTransfer,
} from './schedule.ts'
import { acknowledgeCall, sendDisplay, sendInfo } from './send_display.ts'
import { enableHeartbeat, schedHeartbeat, sessionLoglevel } from './session_loglevel.ts'
import { removeBugs, setAudioLevel, setMute } from './set_audio_level.ts'
import { setMediaStats } from './set_media_stats.ts'
import { sleep } from './sleep.ts'
import { softHold } from './soft_hold.ts'
import { clearSpeechCache, speak } from './speak.ts'
import { startDtmf, startDtmfGenerate, stopDtmf, stopDtmfGenerate } from './start_dtmf.ts'
import { bgsystem, system } from './system.ts'
import { faxDetect, stopFaxDetect, stopToneDetectApplication, toneDetect } from './tone_detect.ts'
import { transfer } from './transfer.ts'
import { transferVars } from './transfer_vars.ts'
import { soundTest, vadTest } from './vad_test.ts'
import * as variables from './variables.ts'
import { detectAudio, detectSilence, waitForAnswer, waitForSilence } from './wait_for_silence.ts'

const applications: readonly Application[] = [
  attXfer,
  broadcastApplication,
  bridge,
  deflect,
  executeExtensionApplication,
  hangup,
  hold,
  park,
  redirect,
  respond,
  transfer,
  unhold,
  acknowledgeCall,
  answer,
  bgsystem,
  bindDigitAction,
  clearDigitAction,
  digitActionSetRealm,
  bindMetaApp,
  unbindMetaApp,
  blockDtmf,
  breakApplication,
  capture,
  checkAcl,
  cngPlc,
  debugMedia,
  deduplicateDtmf,
  delayEcho,
  displaceSession,
  stopDisplaceSession,
  eavesdrop,
  nativeEavesdrop,
  threeWay,
  removeBugs,
  setAudioLevel,
  setMediaStats,
  setMute,
  echo,
  enableHeartbeat,
  schedHeartbeat,
  sessionLoglevel,
  endlessPlayback,
  event,
  flushDtmf,
  gentones,
  info,
  intercept,
  ivr,
  jitterbuffer,
  limit,
  limitExecute,
  limitHash,
  limitHashExecute,
  log,
  loopPlayback,
  mediaReset,
  mkdir,
  mutex,
  page,
  parkState,
  phrase,
  playAndGetDigits,
  playback,
  preAnswer,
  presence,
  privacy,
  queueDtmf,
  read,
  record,
  recoveryRefresh,
  ringReady,
  sayApplication,
  schedBroadcast,
  schedCancel,
  schedHangup,
  schedTransfer,
  sendDisplay,
  sendDtmf,
  sendInfo,
  sleep,
  clearSpeechCache,
  softHold,
  speak,
  startDtmf,
  startDtmfGenerate,
  stopDtmf,
  stopDtmfGenerate,
  unblockDtmf,
  system,
  transferVars,
  detectAudio,
  detectSilence,
  earlyHangup,
  faxDetect,
  novideo,
  soundTest,
  stopFaxDetect,
  stopToneDetectApplication,
  toneDetect,
  vadTest,
  waitForAnswer,
  waitForSilence,
  ...Object.values(recordSession),
  ...Object.values(variables),
]

export const module: Module = {
  name: 'mod_dptools',
  applications,
  dialplans: [inlineDialplan],
  chats: [apiChat, eventChat],
  speakers: [phraseSpeaker, saySpeaker],
}
