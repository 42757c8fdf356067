/** The TCP port of a profile for ICE (`ice-tcp-port`), for browsers that get no UDP through. */
import { logger } from '../base/log.ts'
import type { IceTcpPort } from '../media/engine.ts'
import type { HasValues } from './codec-choice.ts'
import type { Switch } from './switch.ts'

const log = logger('core/webrtc')

/** Begins to listen where the profile has a port for it; undefined: it has none. */
export async function listenForIce(
  sw: Switch,
  { name, values, rtpIp }: HasValues & { readonly name: string; readonly rtpIp: string },
): Promise<IceTcpPort | undefined> {
  const port = Number(values.text('ice-tcp-port')) || 0
  if (port === 0) return undefined
  log.info(`profile ${name}: browsers may connect by TCP (ice-tcp-port ${port})`)
  return await sw.media.listenTcp(rtpIp, port)
}
