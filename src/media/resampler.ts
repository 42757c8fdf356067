/** The resampler as the media engine uses it; it lies with the formats, which need it to join files of different rates. */
export { Resampler } from '../formats/resampler.ts'
