/** Browsers that find no way but a relay: scripts for a page, before anything in it makes a connection. */

/** A TURN server of the browser's own, where the page names none. */
export interface BrowserRelay {
  readonly url: string
  readonly username: string
  readonly credential: string
}

/** Connections of the page are relayed, by `relay` or by what the page itself names. */
export function relayOnly(relay?: BrowserRelay): string {
  const servers = relay && [
    { urls: relay.url, username: relay.username, credential: relay.credential },
  ]
  const more = servers ? `, iceServers: ${JSON.stringify(servers)}` : ''
  return `
const Plain = RTCPeerConnection
window.RTCPeerConnection = class extends Plain {
  constructor(options) { super({ ...options, iceTransportPolicy: 'relay'${more} }) }
}
`
}

/** And the page learns of none of our addresses but those at relays. */
export const knowsRelaysOnly = `
const take = Plain.prototype.setRemoteDescription
Plain.prototype.setRemoteDescription = function (description) {
  const sdp = description.sdp.replaceAll(/a=candidate:.* typ (host|srflx).*\\r\\n/g, '')
  return take.call(this, { type: description.type, sdp })
}
`
