import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { bodyRoom, type LoadBody, touchBodies, trafficBodies } from './flow-load'
import { FULL_SIZE, loadTopology } from './flow-load-topology'

const HOUR_MS = 3600_000
const START_MS = Date.UTC(2026, 10, 24, 10)
const small = loadTopology({ seed: 3, workloads: 60, edges: 200 })
const traffic = (flows: number, seed = 1) => ({ seed, startMs: START_MS, endMs: START_MS + HOUR_MS, flows })

const textOf = (bodies: Iterable<LoadBody>): string =>
  Array.from(bodies, ({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')

function decode(text: string): DecodeResult {
  const decoder = createHubbleDecoder()
  for (const [index, line] of text.trimEnd().split('\n').entries()) decoder.push(JSON.parse(line), index + 1)
  return decoder.finish()
}

describe('load of flows', () => {
  it('has exactly the records that were asked for, all decoded, none ignored, all within the span, no uuid twice', () => {
    const decoded = decode(textOf(trafficBodies(small, traffic(20_000), { bytes: 100_000 })))
    expect({ rejects: decoded.rejects, ignored: decoded.ignored, flows: decoded.flows.length }).toEqual({
      rejects: [],
      ignored: {},
      flows: 20_000,
    })
    expect(new Set(decoded.flows.map((flow) => flow.recordKey)).size).toBe(20_000)
    for (const { startMs } of decoded.flows) {
      expect(startMs).toBeGreaterThanOrEqual(START_MS)
      expect(startMs).toBeLessThan(START_MS + HOUR_MS)
    }
  })

  it('is like a cluster: 3 % denied, 20 % of peers outside, both observers, replies, policies, 2.2 KB a line', () => {
    const text = textOf(trafficBodies(small, traffic(50_000)))
    const { flows } = decode(text)
    const share = (is: (flow: (typeof flows)[number]) => boolean) => flows.filter(is).length / flows.length
    expect(share(({ verdict }) => verdict.outcome === 'denied')).toBeCloseTo(0.03, 2)
    expect(share(({ server }) => server.class === 'external')).toBeCloseTo(0.2, 1)
    expect(share(({ observer }) => observer === 'server')).toBeGreaterThan(0.3)
    expect(share(({ isReply }) => isReply === true)).toBeGreaterThan(0.3)
    expect(share(({ trace }) => trace.enforced !== undefined)).toBeGreaterThan(0.1)
    expect(text.length / flows.length).toBeGreaterThan(2000)
    expect(text.length / flows.length).toBeLessThan(2500)
  })

  it('is the same for the same seed, whatever the size of the bodies; other seeds and spans repeat no record', () => {
    const all = textOf(trafficBodies(small, traffic(5000)))
    expect(textOf(trafficBodies(small, traffic(5000), { lines: 100 }))).toBe(all)
    const later = { ...traffic(5000), startMs: START_MS + HOUR_MS, endMs: START_MS + 2 * HOUR_MS }
    const keys = [traffic(5000), traffic(5000, 2), later].flatMap((span) =>
      decode(textOf(trafficBodies(small, span))).flows.map((flow) => flow.recordKey),
    )
    expect(new Set(keys).size).toBe(15_000)
  })

  it('touches every edge once in each stretch', () => {
    const span = { seed: 1, startMs: START_MS, endMs: START_MS + 3 * HOUR_MS, everyMs: HOUR_MS }
    const { flows } = decode(textOf(touchBodies(small, span, { lines: 70 })))
    const touched = new Set(
      flows.map(
        ({ startMs, client, server, serverPort }) =>
          `${Math.floor(startMs / HOUR_MS)}|${client.namespace}/${client.name}|${server.namespace}/${server.name}|${serverPort}`,
      ),
    )
    expect([flows.length, touched.size]).toEqual([600, 600])
  })

  it('writes into memory that it is given, never more than said', () => {
    const size = { bytes: 50_000 }
    const room = Buffer.alloc(bodyRoom(size))
    const bodies = trafficBodies(small, traffic(1000), { ...size, takeRoom: () => room })
    for (const body of bodies) {
      expect(body.room).toBe(room)
      expect(body.bytes.length).toBeLessThanOrEqual(room.length)
    }
  })

  it('comes in the size that the goals are told for', () => {
    const { edges, outside, denied } = loadTopology(FULL_SIZE)
    expect([edges.length, outside.length, denied.length]).toEqual([8000, 1600, 240])
  })
})
