import { expect, it } from 'vitest'
import { expectedRevision } from './expected-revision'

const expected = (headers: Record<string, string>) => expectedRevision(new Request('http://localhost/', { headers }))

it('a change names the revision that it was made from, or that the thing is new, or nothing', () => {
  expect(expected({})).toEqual({})
  expect(expected({ 'if-match': '"-42"' })).toEqual({ expected: '-42' })
  expect(expected({ 'if-none-match': '*' })).toEqual({ expected: null })
})

it.each<Record<string, string>>([
  { 'if-match': '*' },
  { 'if-match': '42' },
  { 'if-none-match': '"42"' },
  { 'if-match': '"1"', 'if-none-match': '*' },
])('what cannot be compared is refused, never taken for nothing: %j', (headers) => {
  expect(() => expected(headers)).toThrow(/If-Match/)
})
