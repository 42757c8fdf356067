/** The bell: two tones, made here, as long as somebody calls. */

export class Ringer {
  #context
  #timer

  /** Browsers let a page make sound after the user has touched it. */
  allow() {
    if (navigator.userActivation?.hasBeenActive === false) return
    this.#context ??= new AudioContext()
    void this.#context.resume()
  }

  ring(on) {
    if (on === (this.#timer !== undefined)) return
    clearInterval(this.#timer)
    this.#timer = undefined
    if (!on) return
    this.#burst()
    this.#timer = setInterval(() => this.#burst(), 3000)
  }

  #burst() {
    const context = this.#context
    if (context?.state !== 'running') return
    const gain = context.createGain()
    gain.gain.value = 0.08
    gain.connect(context.destination)
    for (const frequency of [440, 480]) {
      const tone = context.createOscillator()
      tone.frequency.value = frequency
      tone.connect(gain)
      tone.start()
      tone.stop(context.currentTime + 1.2)
    }
    navigator.vibrate?.(300)
  }
}
