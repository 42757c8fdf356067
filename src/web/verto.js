/** The line to the server: JSON-RPC over a WebSocket, opened again whenever it is lost. */

/** Ends with the reason of a refusal, so that the caller can show it. */
export class Refusal extends Error {
  constructor(error) {
    super(error?.message || error?.cause || 'The server refused.')
    this.code = error?.code
    this.cause = error?.cause
    /** Seconds until it may be tried again, where there were too many tries. */
    this.retryAfter = error?.data?.retryAfter
  }
}

export class Verto extends EventTarget {
  #url
  #login
  #socket
  #id = 0
  #waiting = new Map()
  #isWanted = false
  #tries = 0
  #retry
  /** What the server said last of STUN and TURN servers, and until when (ms) that holds. */
  #ice

  /** `sessid` names this page to the server: calls find their way back to it after a lost line or a reload. */
  constructor(url, sessid) {
    super()
    this.#url = url
    this.sessid = sessid
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Opens the line and signs in; rejects with what the server says. Keeps the line open from then on. */
  async signIn(login, passwd) {
    this.#login = { login, passwd, loginParams: {}, userVariables: {} }
    await this.#open()
    this.#isWanted = true
  }

  close() {
    this.#isWanted = false
    clearTimeout(this.#retry)
    this.#socket?.close()
  }

  /** Resolves with the result of a method. */
  call(method, params = {}) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Refusal({ message: 'There is no line to the server.' }))
      const id = ++this.#id
      this.#waiting.set(id, { resolve, reject })
      const message = { jsonrpc: '2.0', method, params: { sessid: this.sessid, ...params }, id }
      this.#socket.send(JSON.stringify(message))
    })
  }

  /** The STUN and TURN servers for a call, as RTCPeerConnection takes them: asked for anew when half of their time is over. */
  async iceServers() {
    if (!this.#ice || Date.now() > this.#ice.until) {
      const { iceServers, lifetime } = await this.call('verto.iceServers')
      this.#ice = { servers: iceServers, until: Date.now() + (lifetime ?? Infinity) * 500 }
    }
    return this.#ice.servers
  }

  #open() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.#url)
      this.#socket = socket
      let isIn = false
      socket.onopen = () => {
        this.call('login', this.#login).then(
          (result) => {
            isIn = true
            this.#ice = undefined
            this.#tries = 0
            this.#tell('open', result)
            resolve(result)
          },
          (fault) => {
            socket.close()
            reject(fault)
          },
        )
      }
      socket.onmessage = ({ data }) => this.#receive(data)
      socket.onclose = () => {
        for (const { reject: give } of this.#waiting.values())
          give(new Refusal({ message: 'The line to the server was lost.' }))
        this.#waiting.clear()
        if (!isIn) reject(new Refusal({ message: 'The server cannot be reached.' }))
        if (this.#socket !== socket || !this.#isWanted) return
        this.#tell('lost')
        this.#retry = setTimeout(
          () => this.#open().catch(() => undefined),
          Math.min(10_000, 500 * 2 ** this.#tries++),
        )
      }
    })
  }

  #receive(data) {
    let message
    try {
      message = JSON.parse(data)
    } catch {
      return
    }
    if (message.method) {
      this.#socket.send(
        JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { method: message.method } }),
      )
      // Another page has taken this session: it must not be taken back.
      if (message.method === 'verto.punt') this.#isWanted = false
      this.#tell(message.method, message.params ?? {})
      return
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.error) waiting?.reject(new Refusal(message.error))
    else waiting?.resolve(message.result)
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
