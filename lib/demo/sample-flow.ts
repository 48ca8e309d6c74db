import type { Flow } from '@/lib/model/flow'

/** A flow as decoders make them, for tests: `web` calls `api`, allowed; change what the test is about. */
export function sampleFlow(change: Partial<Flow> & { readonly recordKey: string; readonly startMs: number }): Flow {
  return {
    source: 'hubble',
    endMs: change.startMs,
    observer: 'client',
    client: { class: 'workload', namespace: 'shop', name: 'web', pod: 'web-6f7d8c9b4-x2x5v', ip: '10.0.0.1' },
    server: { class: 'workload', namespace: 'shop', name: 'api', ip: '10.0.0.2' },
    protocol: 'tcp',
    serverPort: 80,
    verdict: { outcome: 'allowed', basis: 'rule', pending: 'same', layer: 'L4' },
    trace: {},
    counts: { connections: 1, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 },
    raw: {},
    ...change,
  }
}
