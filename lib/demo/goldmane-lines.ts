import type { DemoSpan } from './connections'
import { createRng } from './rng'
import type { Scenario } from './scenarios'

const BUCKET_S = 15
/** goldmane.PolicyKind, Action, Reporter, EndpointType by number, as the emitter writes them. */
const KIND = { calico: 1, staged: 3, profile: 9, endOfTier: 10 } as const
const ACTION = { allow: 1, deny: 2 } as const
const REPORTER = { source: 1, destination: 2 } as const
const TYPE = { workload: 1, network: 4 } as const

interface Hit {
  readonly kind: number
  readonly namespace?: string
  readonly name?: string
  readonly tier?: string
  readonly action: number
  readonly policy_index?: number
  readonly rule_index?: number
  readonly trigger?: Omit<Hit, 'action'>
}

interface CalicoCall {
  readonly from: readonly [namespace: string, name: string]
  /** A workload, or the public internet, of which Goldmane knows no name. */
  readonly to: readonly [namespace: string, name: string] | 'internet'
  readonly port: number
  /** Mean connections in a bucket. */
  readonly perBucket: number
  readonly action: number
  readonly enforced: readonly Hit[]
  readonly pending?: readonly Hit[]
  readonly scenario?: Scenario
}

const allowedBy = (namespace: string, name: string): Hit[] => [
  { kind: KIND.calico, namespace, name, tier: 'default', action: ACTION.allow, policy_index: 0, rule_index: 0 },
]
const labelsOf = (name: string): string[] => [
  `app=${name}`,
  ...(name.endsWith('-agent') ? ['app.kubernetes.io/part-of=kagent'] : []),
]
const BY_DEFAULT: readonly Hit[] = [{ kind: KIND.profile, name: 'kns.inference', action: ACTION.allow }]

/** A second cluster, seen by Calico: batch inference with a vector store of its own. */
const CALLS: readonly CalicoCall[] = [
  {
    from: ['inference', 'batch-agent'],
    to: ['data', 'weaviate'],
    port: 8080,
    perBucket: 6,
    action: ACTION.allow,
    enforced: allowedBy('data', 'allow-inference'),
  },
  {
    from: ['inference', 'embedder'],
    to: ['data', 'weaviate'],
    port: 8080,
    perBucket: 3,
    action: ACTION.allow,
    enforced: allowedBy('data', 'allow-inference'),
  },
  {
    from: ['inference', 'batch-agent'],
    to: ['inference', 'embedder'],
    port: 8001,
    perBucket: 4,
    action: ACTION.allow,
    enforced: BY_DEFAULT,
  },
  {
    from: ['inference', 'batch-agent'],
    to: 'internet',
    port: 443,
    perBucket: 2,
    action: ACTION.allow,
    enforced: BY_DEFAULT,
  },
  {
    from: ['inference', 'batch-agent'],
    to: ['data', 'feature-store'],
    port: 5432,
    perBucket: 5,
    action: ACTION.allow,
    enforced: allowedBy('data', 'allow-inference'),
    pending: [
      {
        kind: KIND.staged,
        namespace: 'data',
        name: 'lock-down',
        tier: 'security',
        action: ACTION.deny,
        policy_index: 0,
        rule_index: 1,
      },
    ],
    scenario: 'staged-would-deny',
  },
  {
    from: ['inference', 'crawler'],
    to: ['data', 'weaviate'],
    port: 8080,
    perBucket: 1,
    action: ACTION.deny,
    enforced: [
      {
        kind: KIND.endOfTier,
        tier: 'security',
        action: ACTION.deny,
        policy_index: 1,
        rule_index: -1,
        trigger: { kind: KIND.calico, namespace: 'data', name: 'isolate-vectors', tier: 'security' },
      },
    ],
    scenario: 'denied-by-default',
  },
]

/**
 * Goldmane's flow records of the second cluster for every bucket of 15 s that ended in `(startMs, endMs]`: one per call and
 * reporter, as its emitter writes them. The same for the same seed and bucket.
 */
export function goldmaneLines({ seed, startMs, endMs, scenarios }: DemoSpan): string[] {
  const lines: string[] = []
  const bucketMs = BUCKET_S * 1000
  for (let bucket = Math.floor(startMs / bucketMs); (bucket + 1) * bucketMs <= endMs; bucket += 1) {
    if ((bucket + 1) * bucketMs <= startMs) continue
    const rng = createRng(seed ^ Math.imul(bucket, 0x85ebca6b))
    for (const call of CALLS) {
      const connections = Math.round(call.perBucket * 2 * rng())
      if (connections === 0 || (scenarios && !scenarios.includes(call.scenario ?? 'all-well'))) continue
      // What the server's side refuses, the client's side lets out: one record says it.
      if (call.action !== ACTION.deny) lines.push(recordOf(call, REPORTER.source, connections, bucket * BUCKET_S))
      if (call.to !== 'internet') lines.push(recordOf(call, REPORTER.destination, connections, bucket * BUCKET_S))
    }
  }
  return lines
}

function recordOf(call: CalicoCall, reporter: number, connections: number, startS: number): string {
  const destination =
    call.to === 'internet'
      ? { dest_name: 'pub', dest_namespace: '', dest_type: TYPE.network }
      : { dest_name: podsOf(call.to[1]), dest_namespace: call.to[0], dest_type: TYPE.workload }
  // A policy selects the server: the client's side sees its profile alone.
  const isDecider = reporter === REPORTER.destination || call.enforced === BY_DEFAULT
  const enforced = isDecider ? call.enforced : BY_DEFAULT
  return JSON.stringify({
    Key: {
      source_name: podsOf(call.from[1]),
      source_namespace: call.from[0],
      source_type: TYPE.workload,
      ...destination,
      dest_port: call.port,
      proto: 'tcp',
      reporter,
      action: call.action,
      policies: {
        enforced_policies: enforced,
        pending_policies: isDecider ? (call.pending ?? enforced) : enforced,
      },
    },
    start_time: startS,
    end_time: startS + BUCKET_S,
    source_labels: labelsOf(call.from[1]),
    dest_labels: call.to === 'internet' ? [] : labelsOf(call.to[1]),
    packets_in: connections * 9,
    packets_out: connections * 11,
    bytes_in: connections * 5200,
    bytes_out: connections * 1800,
    num_connections_started: connections,
    num_connections_completed: connections,
  })
}

/** Goldmane names the pods of a ReplicaSet by their common prefix. */
const podsOf = (workload: string): string => `${workload}-7d9c8b6f5-*`
