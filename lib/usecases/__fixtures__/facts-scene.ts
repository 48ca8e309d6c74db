import 'server-only'
import { ingestBatch } from '../ingest-batch'
import { receiveOtlp } from '../receive-otlp'
import { common } from './calico-scene'

export async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

let made = 0

export interface HubbleChange {
  readonly atMs: number
  readonly namespace?: string
  readonly app?: string
  readonly labels?: readonly string[]
  readonly clientIp?: string
  readonly clientPort?: number
  readonly serverIp?: string
  readonly serverPort?: number
  /** A workload of the cluster; without one the server is the world. */
  readonly server?: { readonly namespace: string; readonly app: string; readonly labels?: readonly string[] }
  readonly names?: readonly string[]
  readonly verdict?: 'FORWARDED' | 'DROPPED'
  readonly side?: 'EGRESS' | 'INGRESS'
  /** More of the flow, or other than is said. */
  readonly rest?: Readonly<Record<string, unknown>>
  readonly ip?: Readonly<Record<string, unknown>>
}

/** A flow of Hubble as a line of its exporter, with an own uuid. */
export function hubbleLine(change: HubbleChange): string {
  made += 1
  const { namespace = 'ml', app = 'agent', labels = [], server, verdict = 'FORWARDED' } = change
  const pod = (name: string) => `${name}-7d9c8b6f5-x2x5v`
  const flow = {
    time: new Date(change.atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(made).padStart(12, '0')}`,
    verdict,
    IP: { source: change.clientIp ?? '10.244.1.7', destination: change.serverIp ?? '198.51.100.20', ...change.ip },
    l4: {
      TCP: {
        source_port: change.clientPort ?? 30_000 + made,
        destination_port: change.serverPort ?? 443,
        flags: { SYN: true },
      },
    },
    source: { ID: 1, namespace, pod_name: pod(app), labels: [`k8s:app=${app}`, ...labels] },
    destination: server
      ? { ID: 2, namespace: server.namespace, pod_name: pod(server.app), labels: [`k8s:app=${server.app}`, ...(server.labels ?? [])] }
      : { labels: ['reserved:world'] },
    ...(change.names && { destination_names: change.names }),
    event_type: { type: verdict === 'DROPPED' ? 1 : 5 },
    traffic_direction: change.side ?? 'EGRESS',
    ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
    ...change.rest,
  }
  return JSON.stringify({ flow })
}

export const sendHubble = (lines: readonly string[], nowMs: number, where: { cluster?: string; dataset?: string } = {}) =>
  ingestBatch({ ...common(nowMs, where.cluster ?? 'demo'), dataset: where.dataset ?? '', source: 'hubble', body: once(lines.join('\n')) })

/** A record of Goldmane from a workload to a network set. */
export const goldmaneLine = (change: {
  readonly startMs: number
  readonly seconds?: number
  readonly set?: string
  readonly bytesOut?: number
  readonly reporter?: 1 | 2
  readonly policies?: readonly string[]
}): string =>
  JSON.stringify({
    Key: {
      source_name: 'trainer-*',
      source_namespace: 'ml',
      source_type: 1,
      dest_name: change.set ?? 'pub',
      dest_namespace: '-',
      dest_type: change.set ? 3 : 4,
      dest_port: 443,
      proto: 'tcp',
      reporter: change.reporter ?? 1,
      action: 1,
      policies: { enforced_policies: change.policies ?? [] },
    },
    start_time: Math.floor(change.startMs / 1000),
    end_time: Math.floor(change.startMs / 1000) + (change.seconds ?? 15),
    num_connections_started: 1,
    bytes_out: change.bytesOut ?? 0,
  })

export const sendGoldmaneLines = (lines: readonly string[], nowMs: number, cluster = 'calico') =>
  ingestBatch({ ...common(nowMs, cluster), source: 'calico', body: once(lines.join('\n')) })

export interface SpanChange {
  readonly atMs: number
  readonly namespace?: string
  readonly app?: string
  readonly kind?: number
  readonly message?: string
  readonly attributes: Readonly<Record<string, string | number>>
}

let spans = 0

/** Spans, each a trace of its own, as one request of OTLP. */
export function sendSpans(changes: readonly SpanChange[], nowMs: number, cluster = 'demo') {
  const value = (one: string | number) => (typeof one === 'number' ? { intValue: one } : { stringValue: one })
  const attributesOf = (all: Readonly<Record<string, string | number>>) =>
    Object.entries(all).map(([key, one]) => ({ key, value: value(one) }))
  const resourceSpans = changes.map(({ atMs, namespace = 'ml', app = 'agent', kind = 3, message, attributes }) => {
    spans += 1
    return {
      resource: {
        attributes: attributesOf({
          'service.name': app,
          'k8s.namespace.name': namespace,
          'k8s.deployment.name': app,
          'k8s.pod.name': `${app}-7d9c8b6f5-x2x5v`,
        }),
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: spans.toString(16).padStart(32, 'c'),
              spanId: spans.toString(16).padStart(16, '0'),
              name: 'POST',
              kind,
              startTimeUnixNano: `${atMs}000000`,
              endTimeUnixNano: `${atMs + 5}000000`,
              attributes: attributesOf(attributes),
              ...(message && { status: { code: 2, message } }),
            },
          ],
        },
      ],
    }
  })
  return receiveOtlp({
    ...common(nowMs, cluster),
    pathname: '/v1/traces',
    contentType: 'application/json',
    body: once(JSON.stringify({ resourceSpans })),
  })
}
