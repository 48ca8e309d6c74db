import type { Collector, CollectorKind, CollectorState } from '@/lib/model/collector'
import type { SourceCoverage } from '@/lib/model/coverage'

/** What is missing while a source is silent, and where to look. */
export const SILENCE_MEANS: Readonly<Record<SourceCoverage['source'], string>> = {
  hubble: 'Edges and policy verdicts of its cluster are missing from then on. Check the exporter or the shipper.',
  calico: 'Edges and policy verdicts of its cluster are missing from then on. Check Goldmane and the shipper.',
  otlp: 'Models, tokens and calls seen by traces are missing. Check the collector’s exporter.',
  dns: 'Addresses without a name in their flow record stay unnamed. Check CoreDNS’ log and its shipper.',
  kubernetes: 'Pod addresses, owners and policies are not updated. Check the account and the API server.',
  nat: 'Doors behind this hop cannot be proven from then on. Check the sender of its log.',
}

/** A source by its kind, cluster and NAT hop: `nat of prod, hop nat-gw`. */
export const sourceName = ({ source, cluster, hop }: Pick<SourceCoverage, 'source' | 'cluster' | 'hop'>): string =>
  `${source} of ${cluster}${hop ? `, hop ${hop}` : ''}`

const GAP_WORDS: Readonly<Record<string, string>> = {
  HUBBLE_RING_BUFFER: 'the agent’s ring buffer was full',
  PERF_EVENT_RING_BUFFER: 'the kernel’s event buffer was full',
  OBSERVER_EVENTS_QUEUE: 'the agent’s event queue was full',
  NODE_UNAVAILABLE: 'Relay did not reach the node',
  NODE_GONE: 'the node went away',
  NODE_ERROR: 'the node answered with an error',
}

/** Why a stretch is missing, in words, with the source's own code where it has one: `the agent’s ring buffer was full (HUBBLE_RING_BUFFER)`. */
export const gapWords = (reason: string): string =>
  Object.hasOwn(GAP_WORDS, reason) ? `${GAP_WORDS[reason]} (${reason})` : reason

export const COLLECTOR_KIND_WORD: Readonly<Record<CollectorKind, string>> = {
  'hubble-relay': 'Hubble Relay',
  goldmane: 'Goldmane',
  'goldmane-node': 'Goldmane node socket',
  whisker: 'Whisker',
  kubernetes: 'Kubernetes inventory',
  syslog: 'Syslog listener',
  'otlp-grpc': 'OTLP/gRPC listener',
  'otlp-http': 'OTLP/HTTP listener',
}

export const COLLECTOR_STATE_WORD: Readonly<Record<CollectorState, string>> = {
  starting: 'Starting',
  connected: 'Working',
  retrying: 'Trying again',
  failed: 'Failed',
  standby: 'Standby',
  stopped: 'Stopped',
}

/** A running collector repeats its word every 15 s. */
const STALE_AFTER_MS = 60_000

/** The process that runs this collector has said nothing for a minute: what it said last may be wrong by now. */
export const isCollectorStale = ({ state, updatedMs }: Collector, nowMs: number): boolean =>
  state !== 'stopped' && nowMs - updatedMs > STALE_AFTER_MS

/** It does not do its work, and is not meant to rest. */
export const isCollectorFailing = (collector: Collector, nowMs: number): boolean =>
  collector.state === 'retrying' || collector.state === 'failed' || isCollectorStale(collector, nowMs)

/** `11 of 12 nodes reporting (worker-3 unavailable)`. */
export function nodesSentence({ connected, unavailable, unavailableNames }: NonNullable<Collector['nodes']>): string {
  const all = connected + unavailable
  const more = unavailable - unavailableNames.length
  const names = [...unavailableNames, ...(more > 0 && unavailableNames.length > 0 ? [`${more} more`] : [])]
  const who = unavailable > 0 && names.length > 0 ? ` (${names.join(', ')} unavailable)` : ''
  return `${connected} of ${all} ${all === 1 ? 'node' : 'nodes'} reporting${who}`
}
