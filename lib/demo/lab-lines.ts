import type { DemoSpan } from './connections'

const EVERY_MS = 10_000

/** Hubble lines of a small third cluster, whose exporter is the one that falls silent: a notebook that calls a model server. */
export function labLines({ startMs, endMs, scenarios }: DemoSpan): string[] {
  if (scenarios && !scenarios.includes('silent-source')) return []
  const lines: string[] = []
  for (let slot = Math.ceil(startMs / EVERY_MS); slot * EVERY_MS < endMs; slot += 1) lines.push(lineOf(slot))
  return lines
}

function lineOf(slot: number): string {
  const time = new Date(slot * EVERY_MS).toISOString()
  const flow = {
    time,
    uuid: `00000000-0000-4000-8000-1${String(slot % 100_000_000_000).padStart(11, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: '10.60.0.5', destination: '10.60.0.9', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: 32_768 + (slot % 28_000), destination_port: 8000, flags: { SYN: true } } },
    Type: 'L3_L4',
    node_name: 'lab-1',
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
    policy_match_type: 2,
    source: {
      ID: 5,
      identity: 50_001,
      namespace: 'lab',
      pod_name: 'notebook-0',
      labels: ['k8s:app=notebook'],
      workloads: [{ name: 'notebook', kind: 'StatefulSet' }],
    },
    destination: {
      identity: 50_002,
      namespace: 'lab',
      pod_name: 'tgi-0',
      labels: ['k8s:app.kubernetes.io/name=text-generation-inference'],
      workloads: [{ name: 'tgi', kind: 'StatefulSet' }],
    },
  }
  return JSON.stringify({ flow, node_name: flow.node_name, time })
}
