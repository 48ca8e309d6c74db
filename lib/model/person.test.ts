import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actorNamed, personName } from './person'

describe('personName', () => {
  it.each([
    ['Anna', 'Anna'],
    ['  Anna   Müller-Öz ', 'Anna Müller-Öz'],
    ['anna@example.com', 'anna@example.com'],
    ['山田 太郎', '山田 太郎'],
    ["O'Brien", "O'Brien"],
    ['Ａｎｎａ', 'Anna'],
    ['Tokenova', 'Tokenova'],
  ])('takes %s', (text, name) => expect(personName(text)).toBe(name))

  it.each([
    '',
    '   ',
    '42',
    'postern',
    'Postern',
    'ＰＯＳＴＥＲＮ',
    'ADMIN',
    'local',
    'unknown',
    'token',
    'token 0123456789ab',
    'Token  x',
    'Anna (signed in)',
    'a\nb\u0000',
    'a\u202eb',
    '<b>',
    '=1+1',
    'x'.repeat(61),
    'x'.repeat(100_000),
  ])('refuses %j', (text) => expect(personName(text)).toBeUndefined())

  it('nobody can be named as Postern, as the admin, or as a token', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('postern', 'admin', 'token 1')), (text) => {
        const name = personName(text)
        for (const how of ['signed in', 'local'] as const)
          expect(
            name === undefined || /^(postern|admin|local|unknown|token [0-9a-f]{12})$/i.test(actorNamed(name, how)),
          ).toBe(name === undefined)
      }),
    )
  })
})
