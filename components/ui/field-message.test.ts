import { expect, it } from 'vitest'
import { messageOf } from './field-message'

it('the message of something inside a field is the field’s', () => {
  expect(messageOf([undefined, { message: 'is empty', ref: {} }])).toBe('is empty')
  expect(messageOf({ namespaces: [{ message: 'x' }] })).toBe('x')
  expect(messageOf({ ref: { message: 'no error' } })).toBeUndefined()
  expect(messageOf(undefined)).toBeUndefined()
})
