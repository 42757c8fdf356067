/** One call: its sound and pictures by WebRTC, and what is said of it to the server. */

/** ms that addresses of this machine are waited for, and how long if none by a TURN server is among them that there is. */
const gatherMs = 1000
const relayMs = 4000

export class Call extends EventTarget {
  #verto
  #connection
  #stream
  #offer
  #isAttach = false
  #constraints
  #camera
  /** What our picture is sent by, since there was one. */
  #video

  /** `camera(isWanted)` gives what is asked of one; undefined where the user wants none, unless `isWanted`. */
  constructor(verto, facts) {
    super()
    const { id, number, name, direction, constraints, camera } = facts
    const { isMuted = false, hasCamera = false } = facts
    this.#verto = verto
    this.#constraints = constraints
    this.#camera = camera
    this.id = id
    this.number = number
    /** Whom to call to reach the same again; the server may show another number meanwhile. */
    this.dialled = number
    this.name = nameOf(name)
    this.direction = direction
    /** trying, early, ringing (a call that came in), active, held, over */
    this.state = direction === 'in' ? 'ringing' : 'trying'
    this.isMuted = isMuted
    /** Our picture is sent, or will be. */
    this.hasCamera = hasCamera
    this.beganAt = Date.now()
    this.answeredAt = undefined
    this.cause = undefined
    /** Whoever is here has ended it. */
    this.isOurEnd = false
    /** What the other side says, and shows. */
    this.remoteStream = undefined
    this.remotePicture = undefined
    this.ownPicture = undefined
  }

  /** The other side has offered pictures. */
  get offersPictures() {
    return /^m=video [1-9]/m.test(this.#offer ?? '')
  }

  get localStream() {
    return this.#stream
  }

  get isOver() {
    return this.state === 'over'
  }

  /** Places it. */
  async place(user) {
    try {
      this.hasCamera = this.#camera() !== undefined
      const connection = await this.#connect()
      await connection.setLocalDescription(await connection.createOffer())
      const sdp = await gathered(connection)
      if (this.isOver) return
      await this.#verto.call('verto.invite', {
        sdp,
        dialogParams: {
          ...this.#dialog(),
          destination_number: this.number,
          caller_id_name: user,
          caller_id_number: user,
          remote_caller_id_name: this.number,
          remote_caller_id_number: this.number,
          useVideo: this.hasCamera,
          useStereo: false,
        },
      })
    } catch (fault) {
      this.end(wordsOf(fault))
    }
  }

  /** The server offers it. */
  offered(sdp) {
    this.#offer = sdp
    this.#isAttach = false
    this.#tell()
  }

  /** It was up before, on a page or a line that is gone; `seconds` since its answer. */
  offeredAgain(sdp, { isHeld, seconds }) {
    this.#offer = sdp
    this.#isAttach = true
    this.answeredAt ??= Date.now() - (seconds ?? 0) * 1000
    this.#release()
    void this.answer(isHeld)
  }

  async answer(isHeld = false) {
    const method = this.#isAttach ? 'verto.attach' : 'verto.answer'
    try {
      if (!this.#isAttach) this.hasCamera = this.#camera() !== undefined
      if (!this.offersPictures) this.hasCamera = false
      const connection = await this.#connect()
      await connection.setRemoteDescription({ type: 'offer', sdp: this.#offer })
      await connection.setLocalDescription(await connection.createAnswer())
      const sdp = await gathered(connection)
      if (this.isOver) return
      await this.#verto.call(method, { sdp, dialogParams: this.#dialog() })
      this.#answered(isHeld)
    } catch (fault) {
      if (!this.isOver) this.hangUp('CALL_REJECTED')
      this.end(wordsOf(fault))
    }
  }

  /** `verto.media` and `verto.answer` of the server. */
  async remoteAnswered(sdp, isFinal) {
    try {
      if (sdp && this.#connection?.signalingState === 'have-local-offer')
        await this.#connection.setRemoteDescription({ type: 'answer', sdp })
      if (isFinal) this.#answered()
      // The answer may have come while the description was taken.
      else if (!this.answeredAt) this.#set('early')
    } catch (fault) {
      this.hangUp('INCOMPATIBLE_DESTINATION')
      this.end(wordsOf(fault))
    }
  }

  /** The server, or we, know it is over. */
  end(cause) {
    if (this.isOver) return
    this.cause = cause
    this.#release()
    this.#set('over')
  }

  hangUp(cause = 'NORMAL_CLEARING') {
    if (this.isOver) return
    void this.#verto
      .call('verto.bye', { cause, dialogParams: this.#dialog() })
      .catch(() => undefined)
    this.isOurEnd = true
    this.end('')
  }

  async hold(on) {
    const result = await this.#modify({ action: on ? 'hold' : 'unhold' })
    this.#set(result.holdState === 'held' ? 'held' : 'active')
  }

  mute(on) {
    this.isMuted = on
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = !on
    this.#tell()
  }

  /** Shows our picture to the other side, or no longer. Rejects when there is no camera, or nobody to look. */
  async setCamera(on) {
    if (!on) this.#endCamera()
    else if (!this.hasCamera) await this.#beginCamera()
    this.#tell()
  }

  #endCamera() {
    this.hasCamera = false
    this.ownPicture = undefined
    for (const track of this.#stream?.getVideoTracks() ?? []) {
      // Where the other side took no pictures the sender has been stopped.
      void this.#video?.replaceTrack(null).catch(() => undefined)
      track.stop()
      this.#stream.removeTrack(track)
    }
  }

  async #beginCamera() {
    const connection = this.#connection
    const fresh = await navigator.mediaDevices.getUserMedia({ video: this.#camera(true) })
    const [track] = fresh.getVideoTracks()
    if (!this.#stream || connection !== this.#connection) return stop(fresh)
    this.hasCamera = true
    this.#stream.addTrack(track)
    this.ownPicture = new MediaStream([track])
    const agreed = connection
      .getTransceivers()
      .find(({ sender, currentDirection }) => sender === this.#video && sends(currentDirection))
    if (agreed) return agreed.sender.replaceTrack(track)
    this.#video = connection.addTrack(track, this.#stream)
    const isTaken = await this.#offerAgain(connection)
    if (isTaken || connection !== this.#connection) return
    this.#endCamera()
    throw new Error('The other side takes no pictures.')
  }

  /** Whether the server takes the pictures that we offer by now. */
  async #offerAgain(connection) {
    await connection.setLocalDescription(await connection.createOffer())
    const sdp = await gathered(connection)
    const answer = await this.#modify({ action: 'updateMedia', sdp })
    if (connection !== this.#connection) return false
    await connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
    return connection
      .getTransceivers()
      .some(({ sender, currentDirection }) => sender === this.#video && sends(currentDirection))
  }

  press(digit) {
    return this.#verto.call('verto.info', { dtmf: digit, dialogParams: this.#dialog() })
  }

  transfer(destination) {
    return this.#modify({ action: 'transfer', destination })
  }

  /** Both partners meet. */
  transferTo(other) {
    return this.#modify({ action: 'replace', replaceCallID: other.id })
  }

  rename(name, number) {
    if (nameOf(name)) this.name = name
    if (number) this.number = number
    this.#tell()
  }

  /** Packets that came and were lost since the call began, and the round trip in ms; undefined before there is sound. */
  async figures() {
    const stats = await this.#connection?.getStats()
    let figures
    for (const each of stats?.values() ?? []) {
      if (each.type === 'inbound-rtp' && each.kind === 'video')
        figures = { ...figures, pictures: each.framesDecoded }
      if (each.type === 'inbound-rtp' && each.kind === 'audio')
        figures = {
          ...figures,
          received: each.packetsReceived,
          lost: each.packetsLost,
          jitter: each.jitter,
        }
      if (
        each.type === 'candidate-pair' &&
        each.nominated &&
        each.currentRoundTripTime !== undefined
      )
        figures = { ...figures, roundTrip: each.currentRoundTripTime * 1000 }
    }
    return figures
  }

  async changeMicrophone(constraints) {
    this.#constraints = constraints
    const sender = this.#connection?.getSenders().find(({ track }) => track?.kind === 'audio')
    if (!sender) return
    const stream = await navigator.mediaDevices.getUserMedia({ audio: constraints })
    const [track] = stream.getAudioTracks()
    track.enabled = !this.isMuted
    await sender.replaceTrack(track)
    for (const old of this.#stream?.getAudioTracks() ?? []) old.stop()
    this.#stream = new MediaStream([track, ...(this.#stream?.getVideoTracks() ?? [])])
    this.#tell()
  }

  async #connect() {
    if (!navigator.mediaDevices)
      throw new Error('This page has no microphone: it must come by https or from this machine.')
    this.#stream ??= await this.#open()
    if (this.isOver) {
      this.#release()
      throw new Error('')
    }
    const iceServers = await this.#iceServers()
    if (this.isOver) {
      this.#release()
      throw new Error('')
    }
    const connection = new RTCPeerConnection({ iceServers })
    this.#connection = connection
    for (const track of this.#stream.getTracks()) {
      if (track.kind === 'audio') track.enabled = !this.isMuted
      const sender = connection.addTrack(track, this.#stream)
      if (track.kind === 'video') this.#video = sender
    }
    connection.ontrack = ({ track }) => {
      if (track.kind === 'audio') this.remoteStream = new MediaStream([track])
      else this.remotePicture = new MediaStream([track])
      this.#tell()
    }
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed' && connection === this.#connection)
        this.#tell('The sound does not get through.')
    }
    return connection
  }

  /** Microphone and, where it is wanted, camera; without a camera the call goes on. */
  async #open() {
    const audio = this.#constraints
    const open = (what) => navigator.mediaDevices.getUserMedia(what)
    if (!this.hasCamera) return open({ audio })
    try {
      const stream = await open({ audio, video: this.#camera(true) })
      this.ownPicture = new MediaStream(stream.getVideoTracks())
      return stream
    } catch {
      this.hasCamera = false
      const stream = await open({ audio })
      this.#tell('There is no camera, or it was not allowed.')
      return stream
    }
  }

  /** A user who may not ask, or a server that has no such method: without any. */
  #iceServers() {
    return this.#verto.iceServers().catch((fault) => {
      if (this.#verto.isOpen) return []
      throw fault
    })
  }

  #answered(isHeld = false) {
    this.answeredAt ??= Date.now()
    this.#set(isHeld ? 'held' : 'active')
  }

  #modify(params) {
    return this.#verto.call('verto.modify', { ...params, dialogParams: this.#dialog() })
  }

  #dialog() {
    return { callID: this.id, userVariables: {} }
  }

  #release() {
    this.#connection?.close()
    this.#connection = undefined
    stop(this.#stream)
    this.#stream = undefined
    this.#video = undefined
    this.remoteStream = undefined
    this.remotePicture = undefined
    this.ownPicture = undefined
  }

  #set(state) {
    if (this.isOver) return
    this.state = state
    // Nobody is to be seen by whom he has put on hold, whatever the server does.
    for (const track of this.#stream?.getVideoTracks() ?? []) track.enabled = state !== 'held'
    this.#tell()
  }

  #tell(news) {
    this.dispatchEvent(new CustomEvent('change', { detail: news }))
  }
}

function sends(direction) {
  return direction === 'sendrecv' || direction === 'sendonly'
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

/** The description with all addresses, or those that were found in time. */
function gathered(connection) {
  const { iceServers } = connection.getConfiguration()
  const wantsRelay = iceServers.some(({ urls }) => /^turns?:/.test(urls))
  const beganAt = performance.now()
  return new Promise((resolve) => {
    const look = () => {
      const { sdp } = connection.localDescription
      const lacksRelay = wantsRelay && !/ typ relay/.test(sdp)
      const isDone =
        connection.iceGatheringState === 'complete' ||
        performance.now() - beganAt >= (lacksRelay ? relayMs : gatherMs)
      if (!isDone) return
      for (const timer of timers) clearTimeout(timer)
      connection.removeEventListener('icegatheringstatechange', look)
      connection.removeEventListener('icecandidate', look)
      resolve(sdp)
    }
    const timers = [gatherMs, relayMs].map((ms) => setTimeout(look, ms + 5))
    connection.addEventListener('icegatheringstatechange', look)
    connection.addEventListener('icecandidate', look)
    look()
  })
}

/** What the server puts where it knows no name is none. */
function nameOf(name) {
  return name && name !== 'Outbound Call' ? name : ''
}

function wordsOf(fault) {
  if (fault?.name === 'NotAllowedError') return 'The microphone was not allowed.'
  if (fault?.name === 'NotFoundError') return 'There is no microphone.'
  return fault?.message ?? ''
}
