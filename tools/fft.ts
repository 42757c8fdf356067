/** The fast Fourier transform, for measures of sound. */

/** Transforms in place; the length is a power of two. `inverse` divides by the length. */
export function transform(re: Float64Array, im: Float64Array, inverse = false): void {
  const length = re.length
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[re[i], re[j]] = [re[j]!, re[i]!]
      ;[im[i], im[j]] = [im[j]!, im[i]!]
    }
  }
  for (let size = 2; size <= length; size <<= 1) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / size
    for (let k = 0; k < size / 2; k++) {
      const c = Math.cos(angle * k)
      const s = Math.sin(angle * k)
      for (let a = k; a < length; a += size) {
        const b = a + size / 2
        const tr = re[b]! * c - im[b]! * s
        const ti = re[b]! * s + im[b]! * c
        re[b] = re[a]! - tr
        im[b] = im[a]! - ti
        re[a]! += tr
        im[a]! += ti
      }
    }
  }
  if (!inverse) return
  for (let i = 0; i < length; i++) {
    re[i]! /= length
    im[i]! /= length
  }
}
