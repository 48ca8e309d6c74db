import { describe, expect, it } from 'vitest'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { createConntrackDecoder } from '@/lib/sources/nat/conntrack'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { demoConnections } from './connections'
import { hubbleLines } from './hubble-lines'
import { demoBatches, LIVE_SCENARIOS } from './run-demo'
import type { Scenario } from './scenarios'

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
    for (const batch of demoBatches(span(120)).filter(
      (item) => item.headers['x-postern-cluster'] === 'demo' && item.path.endsWith('hubble'),
    )) {
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

  it('speaks Goldmane: every record is decoded, a staged policy would deny one of the allowed calls', () => {
    const { flows, rejects } = calicoFlows()
    expect(rejects).toEqual([])
    const staged = flows.filter((flow) => flow.verdict.pending === 'would_deny')
    expect(new Set(staged.map((flow) => `${flow.server.name} ${flow.verdict.outcome}`))).toEqual(
      new Set(['feature-store allowed']),
    )
    const denied = flows.filter((flow) => flow.verdict.outcome === 'denied')
    expect(denied.length).toBeGreaterThan(0)
    expect(denied.every((flow) => flow.trace.enforced?.at(-1)?.kind === 'EndOfTier')).toBe(true)
  })

  it('speaks OTLP: every span is decoded, names its model and counts its tokens', () => {
    const batch = demoBatches(span(120)).find((item) => item.path === '/v1/traces')
    const { spans, rejects } = decodeOtlpTraces(batch?.body ?? new Uint8Array(), 'json')
    expect(rejects).toEqual([])
    expect(spans.length).toBeGreaterThan(20)
    expect(spans.every((item) => item.ai?.responseModel && (item.ai.inputTokens ?? 0) > 0)).toBe(true)
    expect(new Set(spans.map((item) => `${item.traceId}${item.spanId}`)).size).toBe(spans.length)
  })

  it('shows what was asked for and nothing else', () => {
    const servers = (scenarios: readonly Scenario[]) =>
      new Set(demoConnections({ ...span(300), scenarios }).map((item) => `${item.call.from} ${item.call.to}`))
    expect(servers(['violation'])).toEqual(new Set(['agents/planner api.openai.com']))
    expect(servers(['no-nat-evidence'])).toEqual(
      new Set(['gateway/litellm bedrock-runtime.eu-central-1.amazonaws.com']),
    )
    expect(servers(['denied-by-default'])).toEqual(new Set(['agents/support-agent shop/postgres']))
    expect(servers(['all-well']).has('agents/planner api.openai.com')).toBe(false)
    expect(calicoFlows(['all-well']).flows.every((flow) => flow.verdict.pending !== 'would_deny')).toBe(true)
  })

  it('falls silent in one cluster once the demo runs live', () => {
    const lab = (scenarios?: readonly Scenario[]) =>
      demoBatches({ ...span(120), ...(scenarios && { scenarios }) }).filter(
        (item) => item.headers['x-postern-cluster'] === 'demo-lab',
      )
    expect(lab()).toHaveLength(1)
    expect(lab(LIVE_SCENARIOS)).toEqual([])
  })
})

function calicoFlows(scenarios?: readonly Scenario[]) {
  const decoder = createCalicoDecoder()
  for (const batch of demoBatches({ ...span(300), ...(scenarios && { scenarios }) })) {
    if (!batch.path.endsWith('calico')) continue
    const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
    for (const record of [...splitter.push(batch.body), ...splitter.end()])
      if ('value' in record) decoder.push(record.value, record.line)
  }
  return decoder.finish()
}
