import { expect, it } from 'vitest'
import { givenName } from './given-name'

it('a name is a line that can be seen and leaves the text around it as it is', () => {
  const name = givenName(5)
  expect(name.parse('  ключ ')).toBe('ключ')
  for (const wrong of ['', '   ', 'abcdef', '\u200b', 'a\nb', 'a\u202eb', 'a\u0000'])
    expect(name.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})
