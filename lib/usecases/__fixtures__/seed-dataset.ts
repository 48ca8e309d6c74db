import 'server-only'
import { demoBatches } from '@/lib/demo/run-demo'
import { ingestBatch } from '../ingest-batch'
import { ingestDns } from '../ingest-dns'
import { judgeEgress } from '../judge-egress'
import { sendDemoBatch } from '../load-demo'
import { receiveOtlp } from '../receive-otlp'
import { trackFindings } from '../track-findings'
import { common, corednsLine } from './calico-scene'

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const goldmane = (startMs: number, seconds: number) =>
  JSON.stringify({
    Key: {
      source_name: 'web-*',
      source_namespace: 'shop',
      source_type: 1,
      dest_name: 'api-*',
      dest_namespace: 'shop',
      dest_type: 1,
      dest_port: 443,
      proto: 'tcp',
      reporter: 1,
      action: 1,
      policies: { enforced_policies: ['0|default|np:shop/a|allow|0'] },
    },
    start_time: Math.floor(startMs / 1000),
    end_time: Math.floor(startMs / 1000) + seconds,
    num_connections_started: 1,
  })

const lostEvents = (atMs: number) =>
  `{"node_name":"n","lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":3},"time":"${new Date(atMs).toISOString()}"}`

const dnsAnswer = (atMs: number) =>
  JSON.stringify({
    start_time: Math.floor(atMs / 1000),
    end_time: Math.floor(atMs / 1000) + 60,
    client_namespace: 'ml',
    client_name: 'agent',
    qname: 'api.openai.com',
    rcode: 'NoError',
    rrsets: [{ name: 'api.openai.com', type: 'A', rdata: ['198.51.100.20'] }],
  })

/** A step inside a service: only its links are kept. */
const internalSpan = (atMs: number) =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: 'a'.repeat(32),
                spanId: 'b'.repeat(16),
                parentSpanId: 'c'.repeat(16),
                name: 'step',
                kind: 1,
                startTimeUnixNano: `${atMs}000000`,
                endTimeUnixNano: `${atMs + 1}000000`,
              },
            ],
          },
        ],
      },
    ],
  })

/**
 * Records of every kind in one dataset, by the ways that any sender takes, judged, with findings of all detectors or of those that look at
 * doors. `demoMs`: so much of the demo.
 */
export async function seedDataset(
  dataset: string,
  nowMs: number,
  { demoMs = 3 * 60_000, detectors = 'all' }: { readonly demoMs?: number; readonly detectors?: 'doors' | 'all' } = {},
): Promise<void> {
  const base = { ...common(nowMs, 'shop'), dataset }
  const atMs = nowMs - 5 * 60_000
  const endMs = Math.floor(nowMs / 60_000) * 60_000
  const span = { seed: 7, startMs: endMs - demoMs, endMs }
  for (const batch of demoBatches(span)) await sendDemoBatch(batch, base)
  const bodies = [
    ['hubble', `${lostEvents(atMs)}\nnot json\n`],
    ['calico', `${goldmane(atMs, 60)}\n${goldmane(atMs - 3600_000, 3600)}\n`],
  ] as const
  for (const [source, body] of bodies) await ingestBatch({ ...base, source, body: once(body) })
  await ingestDns({ ...base, format: 'coredns', body: once(`${corednsLine('10.0.0.9', 'api.openai.com', atMs)}\n`) })
  await ingestDns({ ...base, format: 'calico', body: once(dnsAnswer(atMs)) })
  await receiveOtlp({
    ...base,
    pathname: '/v1/traces',
    contentType: 'application/json',
    body: once(internalSpan(atMs)),
  })
  await judgeEgress()
  await trackFindings(nowMs)
  if (detectors === 'all') await trackFindings(nowMs, 'all')
}
