import { describe, expect, it } from 'vitest'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { createConntrackDecoder } from '@/lib/sources/nat/conntrack'
import { demoConnections } from './connections'
import { hubbleLines } from './hubble-lines'
import { demoBatches } from './run-demo'

const START = 1_795_416_000_000
const span = (seconds: number) => ({ seed: 7, startMs: START, endMs: START + seconds * 1000 })

describe('the demo cluster', () => {
  it('uses no tuple twice within a quarter of an hour, so that each connection can be proven', () => {
    const tuples = demoConnections(span(900)).map((item) => `${item.client.ip}:${item.clientPort}>${item.serverIp}`)
    expect(new Set(tuples).size).toBe(tuples.length)
  })

  it('logs both NAT hops, and every conntrack line is read', () => {
    const batches = demoBatches(span(120)).filter((item) => item.path.includes('conntrack'))
    expect(batches.map((item) => item.path.split('hop=')[1])).toEqual(['node', 'nat-gw'])
    for (const batch of batches) {
      const decoder = createConntrackDecoder()
      const lines = new TextDecoder().decode(batch.body).trimEnd().split('\n')
      for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
      const { natRecords, rejects } = decoder.finish()
      expect(rejects).toEqual([])
      expect(natRecords).toHaveLength(lines.length)
    }
  })

  it('sends the same lines whether a stretch is asked for whole or in pieces', () => {
    const whole = hubbleLines(span(60))
    const pieces = [
      ...hubbleLines(span(25)),
      ...hubbleLines({ seed: 7, startMs: START + 25_000, endMs: START + 60_000 }),
    ]
    expect(pieces).toEqual(whole)
    expect(whole.length).toBeGreaterThan(100)
  })

  it('speaks the wire format: every Hubble line is decoded, none rejected, one call is denied', () => {
    const decoder = createHubbleDecoder()
    for (const batch of demoBatches(span(120)).filter((item) => item.path.endsWith('hubble'))) {
      const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
      for (const record of [...splitter.push(batch.body), ...splitter.end()])
        if ('value' in record) decoder.push(record.value, record.line)
    }
    const { flows, rejects } = decoder.finish()
    expect(rejects).toEqual([])
    expect(new Set(flows.map((flow) => flow.recordKey)).size).toBe(flows.length)
    expect(new Set(flows.map((flow) => flow.verdict.outcome))).toEqual(new Set(['allowed', 'observed', 'denied']))
    expect(flows.some((flow) => flow.server.name === 'api.openai.com')).toBe(true)
  })
})
