/** The tone language as the media engine uses it: `gentones`, ringback and the digits of a leg without telephone-event. */

export { toneSource } from '../formats/tone_stream.ts'
export { ToneGenerator, toneAmplitude } from '../formats/tone-generator.ts'
export { dtmfFrequencies, parseTones, type ToneScript } from '../formats/tone-script.ts'
