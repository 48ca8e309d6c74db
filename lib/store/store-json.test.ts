import { expect, it } from 'vitest'
import { storeJson, storeText } from './store-json'

it('NUL and lone surrogates go, in values and keys, and everything else stays', () => {
  const value = { 'a\0': ['\0x', { b: '\ud800' }], c: '\\u0000 is text', d: '😀', e: null, f: 1.5, g: true }
  expect(JSON.parse(storeJson(value))).toEqual({
    a: ['x', { b: '\ufffd' }],
    c: '\\u0000 is text',
    d: '😀',
    e: null,
    f: 1.5,
    g: true,
  })
})

it('a key __proto__ stays a key', () => {
  expect(storeJson(JSON.parse('{"__proto__":"\\u0000x"}'))).toBe('{"__proto__":"x"}')
})

it('text of pairs is left alone', () => {
  expect(storeText('a😀\0b')).toBe('a😀b')
})
