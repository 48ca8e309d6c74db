import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hash64 } from './hash64'

it('is FNV-1a of 64 bits, whatever the text', () => {
  const slow = (text: string) => {
    let hash = 0xcbf29ce484222325n
    for (const char of text.split(''))
      for (const byte of [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8])
        hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn
    return hash.toString(16).padStart(16, '0')
  }
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(hash64(text)).toBe(slow(text))
    }),
  )
})
