/** Which microphone, speaker and camera; and whether calls begin with video. */

export class Sound {
  #microphone
  #speaker
  #camera
  onMicrophone = () => undefined

  constructor({ microphone, speaker, camera, video }) {
    this.#microphone = microphone
    this.#speaker = speaker
    this.#camera = camera
    video.checked = localStorage.getItem('video') === 'yes'
    video.addEventListener('change', () => {
      localStorage.setItem('video', video.checked ? 'yes' : 'no')
    })
    camera.addEventListener('change', () => localStorage.setItem('camera', camera.value))
    const canChooseSink = 'setSinkId' in HTMLMediaElement.prototype
    for (const part of document.querySelectorAll('[data-needs="sinks"]'))
      part.hidden = !canChooseSink
    microphone.addEventListener('change', () => {
      localStorage.setItem('microphone', microphone.value)
      this.onMicrophone(this.constraints)
    })
    speaker.addEventListener('change', () => {
      localStorage.setItem('speaker', speaker.value)
      for (const audio of document.querySelectorAll('audio'))
        void audio.setSinkId?.(speaker.value).catch(() => undefined)
    })
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.list())
  }

  get constraints() {
    const id = localStorage.getItem('microphone')
    const base = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    // One that was taken away since must not be in the way.
    return id ? { ...base, deviceId: { ideal: id } } : base
  }

  /** Constraints for a camera; undefined while the user wants no video, unless `isWanted`. */
  camera(isWanted = localStorage.getItem('video') === 'yes') {
    if (!isWanted) return undefined
    const id = localStorage.getItem('camera')
    const base = { width: { ideal: 640 }, height: { ideal: 480 } }
    return id ? { ...base, deviceId: { ideal: id } } : { ...base, facingMode: 'user' }
  }

  get sink() {
    return localStorage.getItem('speaker') ?? ''
  }

  /** Names are told once the microphone was allowed. */
  async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? []
    fill(this.#microphone, devices, 'audioinput', localStorage.getItem('microphone'))
    fill(this.#camera, devices, 'videoinput', localStorage.getItem('camera'))
    fill(this.#speaker, devices, 'audiooutput', localStorage.getItem('speaker'))
  }
}

function fill(select, devices, kind, chosen) {
  const usual = new Option('The usual one', '')
  const options = devices
    .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== 'default')
    .map(({ label, deviceId }, index) => new Option(label || `Device ${index + 1}`, deviceId))
  select.replaceChildren(usual, ...options)
  select.value = options.some(({ value }) => value === chosen) ? chosen : ''
}
