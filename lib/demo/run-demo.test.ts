import { describe, expect, it } from 'vitest'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { hubbleLines } from './hubble-lines'
import { demoBatches } from './run-demo'

const START = 1_795_416_000_000
const span = (seconds: number) => ({ seed: 7, startMs: START, endMs: START + seconds * 1000 })

describe('the demo cluster', () => {
  it('sends the same lines whether a stretch is asked for whole or in pieces', () => {
    const whole = hubbleLines(span(60))
    const pieces = [
      ...hubbleLines(span(25)),
      ...hubbleLines({ seed: 7, startMs: START + 25_000, endMs: START + 60_000 }),
    ]
    expect(pieces).toEqual(whole)
    expect(whole.length).toBeGreaterThan(100)
  })

  it('speaks the wire format: every line is decoded, none rejected, all is well', () => {
    const decoder = createHubbleDecoder()
    for (const batch of demoBatches(span(60))) {
      const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
      for (const record of [...splitter.push(batch.body), ...splitter.end()])
        if ('value' in record) decoder.push(record.value, record.line)
    }
    const { flows, rejects } = decoder.finish()
    expect(rejects).toEqual([])
    expect(new Set(flows.map((flow) => flow.recordKey)).size).toBe(flows.length)
    expect(new Set(flows.map((flow) => flow.verdict.outcome))).toEqual(new Set(['allowed', 'observed']))
    expect(flows.some((flow) => flow.server.name === 'api.openai.com')).toBe(true)
  })
})
