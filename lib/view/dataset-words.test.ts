import { expect, it } from 'vitest'
import { countWords, datasetTitle, tierWords } from './dataset-words'

it('a dataset is called by its title, and without one by its name', () => {
  expect(datasetTitle({ name: 'outage', title: 'Outage of May' })).toBe('Outage of May')
  expect(datasetTitle({ name: 'outage' })).toBe('outage')
})

it('an estimate says that it is one', () => {
  expect(countWords({ rows: 1234, isEstimate: false })).toBe('1,234')
  expect(countWords({ rows: 1_234_567, isEstimate: true })).toBe('about 1.2M')
})

it('a tier says how long it is kept and how far back it reaches, or that it holds nothing', () => {
  const keptMs = 7 * 86_400_000
  expect(tierWords({ kind: 'evidence', keptMs, oldestMs: Date.parse('2026-11-20T10:00:00Z') })).toBe(
    'Evidence rows are kept for 7 d; the oldest is from 2026-11-20 10:00:00 UTC',
  )
  expect(tierWords({ kind: 'buckets1h', keptMs: 400 * 86_400_000 })).toBe(
    'Sums of 1 h are kept for 400 d; there are none yet',
  )
})
