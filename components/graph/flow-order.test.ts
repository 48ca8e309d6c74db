import { expect, it } from 'vitest'
import { flowOrder } from './flow-order'

const call = (text: string) => ({ source: text[0] ?? '', target: text[1] ?? '' })

it('callers come before whom they call, whatever the order they are given in', () => {
  expect(flowOrder(['d', 'c', 'b', 'a'], ['ab', 'bc', 'cd', 'ad'].map(call))).toEqual(['a', 'b', 'c', 'd'])
})

it('circles, calls to oneself, and calls of others lose nobody and repeat nobody', () => {
  expect(flowOrder(['a', 'b', 'c', 'd'], ['ab', 'ba', 'bc', 'cc', 'xd', 'dx'].map(call))).toEqual(['d', 'a', 'b', 'c'])
})
