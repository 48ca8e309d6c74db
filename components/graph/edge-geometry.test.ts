import { expect, it } from 'vitest'
import { borderPoint } from './edge-geometry'

it('a line leaves a picture at its border, towards where it goes; between two on one place it has no way', () => {
  const half = { x: 36, y: 28 }
  expect(borderPoint({ x: 10, y: 10 }, { x: 110, y: 10 }, half)).toEqual({ x: 46, y: 10 })
  expect(borderPoint({ x: 0, y: 0 }, { x: 0, y: -280 }, half)).toEqual({ x: 0, y: -28 })
  expect(borderPoint({ x: 0, y: 0 }, { x: 280, y: 280 }, half)).toEqual({ x: 28, y: 28 })
  expect(borderPoint({ x: 5, y: 5 }, { x: 5, y: 5 }, half)).toEqual({ x: 5, y: 5 })
  expect(borderPoint({ x: 0, y: 0 }, { x: 10, y: 3 }, half)).toEqual({ x: 0, y: 0 })
})
