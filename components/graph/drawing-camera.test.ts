import { expect, it } from 'vitest'
import { isFittedAgain } from './drawing-camera'

const fitted = { width: 1000, height: 600 }
/** As a fit leaves it: a rim on each side. */
const drawn = { x1: 44, y1: 44, x2: 956, y2: 556 }

it('a notice or a line that comes or goes with live data moves no camera', () => {
  for (const height of [568, 600, 640]) expect(isFittedAgain(drawn, fitted, { width: 1000, height })).toBe(false)
})

it('what the new size cuts off is fitted into it, and much more room is used', () => {
  expect(isFittedAgain(drawn, fitted, { width: 600, height: 600 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1000, height: 400 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1400, height: 600 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1000, height: 800 })).toBe(true)
})

it('what came since and stands out of view is no reason to move the rest', () => {
  expect(isFittedAgain({ ...drawn, x2: 1200 }, fitted, { width: 980, height: 600 })).toBe(false)
})
