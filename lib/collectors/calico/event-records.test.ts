import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventRecords, type WhiskerRecord } from './event-records'

const TOO_LARGE = `data: ${'x'.repeat(1_100_000)}\n\n`
const STREAM = Buffer.from(
  `data: {"n":1}\n\n: a comment\n\ndata: {"n":\ndata: 2}\n\n${TOO_LARGE}event: flow\ndata: {"ñ":"é🙂"}\n\ndata: {"cut`,
)

function recordsOf(chunks: readonly Uint8Array[]): WhiskerRecord[] {
  const records: WhiskerRecord[] = []
  const events = new EventRecords((record) => records.push(record))
  for (const chunk of chunks) events.push(chunk)
  return records
}

it('records are the same however the stream is cut, and what is too large is one refused record', () => {
  const expected = [
    { value: { n: 1 } },
    { value: { n: 2 } },
    { reason: 'line_too_long', detail: expect.stringContaining('recordBytes') },
    { value: { ñ: 'é🙂' } },
  ]
  // Around every boundary, and at random elsewhere.
  const interesting = [...STREAM.keys()].filter(
    (at) => STREAM[at] === 10 || STREAM[at - 1] === 10 || at > STREAM.length - 40,
  )
  const cut = fc.oneof(fc.constantFrom(...interesting), fc.nat(STREAM.length))
  fc.assert(
    fc.property(fc.uniqueArray(cut, { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), STREAM.length]
      expect(recordsOf(at.slice(1).map((end, index) => STREAM.subarray(at[index], end)))).toEqual(expected)
    }),
    { seed: 5, numRuns: 80 },
  )
})
