import { expect, it } from 'vitest'
import type { FlowListRow, FlowPage } from '@/lib/model/flow-list'
import { merged } from './merge-rows'

const page = (starts: readonly number[], next?: string): FlowPage => ({
  rows: starts.map((start) => ({ startNs: String(start), recordKey: '0' }) as FlowListRow),
  dataset: '',
  window: { fromMs: 0, toMs: 1 },
  edges: 1,
  ...(next && { next }),
})
const startsOf = (pages: readonly FlowPage[]) => pages.flatMap(({ rows }) => rows.map(({ startNs }) => Number(startNs)))

it('what is new comes before what was there, no record twice, late ones in their place', () => {
  expect(startsOf(merged([page([90, 80], 'a'), page([70])], page([95, 90, 85, 80], 'b')))).toEqual([95, 90, 85, 80, 70])
})

it('nothing new changes nothing', () => {
  const pages = [page([90, 80], 'a'), page([70])]
  expect(merged(pages, page([90, 80]))).toEqual(pages)
})

it('where more came in than a page holds the table begins anew, without a hole', () => {
  expect(startsOf(merged([page([50, 40], 'a')], page([99, 98], 'b')))).toEqual([99, 98])
  // The newest page is all there is.
  expect(startsOf(merged([page([50, 40], 'a')], page([99, 98])))).toEqual([99, 98, 50, 40])
  expect(startsOf(merged([page([])], page([99, 98], 'b')))).toEqual([99, 98])
})

it('a table that follows for long stays bounded, and goes on where it ends', () => {
  const many = (from: number, count: number) => Array.from({ length: count }, (_, n) => from - n)
  let pages: FlowPage[] = [page(many(1000, 500), 'a'), page(many(500, 500), 'b')]
  for (let n = 1; n <= 100; n += 1) pages = merged(pages, page(many(1000 + n * 50, 100), `n${n}`))
  const starts = startsOf(pages)
  expect(starts[0]).toBe(6000)
  expect(starts.length).toBeLessThanOrEqual(2100)
  expect(starts.every((start, at) => at === 0 || start === (starts[at - 1] ?? 0) - 1)).toBe(true)
  expect(pages.at(-1)?.next).toBeDefined()
})
