/** FNV-1a's 64-bit offset and prime, in halves of 32 bits: the prime is 2^40 + 0x1b3. http://www.isthe.com/chongo/tech/comp/fnv/ */
const OFFSET = { high: 0xcbf29ce4, low: 0x84222325 }
const PRIME_LOW = 0x1b3
const HALF = 0x1_0000_0000

/** FNV-1a of 64 bits over the UTF-16 units of a text, low byte first, as 16 hex digits. */
export function hash64(text: string): string {
  let { high, low } = OFFSET
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    for (const byte of [unit & 0xff, unit >>> 8]) {
      low = (low ^ byte) >>> 0
      const product = low * PRIME_LOW
      high = (Math.imul(high, PRIME_LOW) + Math.floor(product / HALF) + (low << 8)) >>> 0
      low = product >>> 0
    }
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
