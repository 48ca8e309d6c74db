import type { DoorState, DoorSummary } from '@/lib/model/egress'
import type { EdgeVariant } from '@/lib/model/graph'
import {
  type ClusterFacts,
  DETECTOR_NEEDS,
  type EdgeFacts,
  LEARNING_MS,
  type NameFacts,
  type PeerFacts,
  SLOT_MS,
  type SlotFacts,
  type WorkloadFacts,
} from '../facts'

/** 5 min into a slot. */
export const NOW = 1_790_000_100_000
const LAST_SLOT = Math.floor(NOW / SLOT_MS) * SLOT_MS
export const OLD = NOW - 30 * 24 * 3_600_000
export const MINUTE = 60_000

/** A cluster that was watched for a month, in which every source speaks. */
export const facts = (parts: Partial<ClusterFacts> = {}): ClusterFacts => ({
  dataset: '',
  cluster: 'prod-eu',
  nowMs: NOW,
  edges: [],
  workloads: [],
  names: [],
  volumes: new Map(),
  met: new Set(DETECTOR_NEEDS),
  learningSinceMs: NOW - 4 * LEARNING_MS,
  deniedProviders: new Set(),
  confirmedAllowLists: new Set(),
  allowLists: new Map(),
  ...parts,
})

/** `agents/planner`. */
export const workload = (label: string, parts: Partial<PeerFacts> = {}): PeerFacts => {
  const [namespace = '', name = ''] = label.split('/')
  return { endpointId: `w:${label}`, class: 'workload', namespace, name, label, labels: {}, ips: [], ...parts }
}

/** A workload that a signature of the catalogue recognises. */
export const aiWorkload = (label: string, by: string, role = 'model-server', parts: Partial<PeerFacts> = {}): PeerFacts =>
  workload(label, { ai: { role, by, certain: true }, ...parts })

/** Something outside the cluster, by name or address. */
export const external = (name: string, parts: Partial<PeerFacts> = {}): PeerFacts => ({
  endpointId: `x:${name}`,
  class: 'external',
  namespace: '',
  name,
  label: name,
  labels: {},
  ips: [],
  ...parts,
})

const PROVIDERS = {
  openai: ['OpenAI', 'llm', 'api.openai.com'],
  anthropic: ['Anthropic', 'llm', 'api.anthropic.com'],
  deepseek: ['DeepSeek', 'llm', 'api.deepseek.com'],
  groq: ['Groq', 'llm', 'api.groq.com'],
  'aws-bedrock': ['Amazon Bedrock', 'llm', 'bedrock-runtime.eu-central-1.amazonaws.com'],
  openrouter: ['OpenRouter', 'gateway', 'openrouter.ai'],
  langsmith: ['LangSmith', 'observability', 'api.smith.langchain.com'],
} as const

/** A host of a provider, named surely by DNS. */
export const provider = (
  id: keyof typeof PROVIDERS,
  parts: Partial<NonNullable<PeerFacts['provider']>> = {},
  peer: Partial<PeerFacts> = {},
): PeerFacts => {
  const [name, category, host] = PROVIDERS[id]
  const named = { id, name, category, host, role: 'inference', certain: true, matchedBy: 'dns-map', ...parts }
  return external(named.host, { ips: ['104.18.6.192'], provider: named, ...peer })
}

/** `ago`: how many slots before the newest one. */
export const slot = (parts: Partial<SlotFacts> = {}, ago = 1): SlotFacts => {
  const startMs = LAST_SLOT - ago * SLOT_MS
  return {
    startMs,
    passed: 0,
    denied: 0,
    dropped: 0,
    spans: 0,
    refused: 0,
    bytesSent: 0,
    bytesReceived: 0,
    firstMs: startMs + MINUTE,
    lastMs: startMs + 2 * MINUTE,
    ...parts,
  }
}

export const PLAIN_WIRE: EdgeFacts['wire'] = {
  httpRequests: 0,
  encryptedRecords: 0,
  httpSpans: 0,
  httpsSpans: 0,
  hasMesh: false,
}

/** An edge on which 3 connections passed a quarter of an hour ago, known for a month. */
export const edge = (client: PeerFacts, server: PeerFacts, parts: Partial<EdgeFacts> = {}): EdgeFacts => ({
  edgeId: `${client.label}>${server.label}:${parts.serverPort ?? 443}`,
  client,
  server,
  protocol: 'tcp',
  serverPort: 443,
  firstEverMs: OLD,
  firstMs: LAST_SLOT - SLOT_MS,
  lastMs: LAST_SLOT,
  variants: [],
  slots: [slot({ passed: 3 })],
  wire: PLAIN_WIRE,
  ...parts,
})

export const wire = (parts: Partial<EdgeFacts['wire']>): EdgeFacts['wire'] => ({ ...PLAIN_WIRE, ...parts })

export const spans = (parts: Partial<NonNullable<EdgeFacts['spans']>> = {}): NonNullable<EdgeFacts['spans']> => ({
  calls: 5,
  aiCalls: 5,
  refused: 0,
  claimedProviders: [],
  claimedHosts: [],
  ...parts,
})

export const variant = (parts: Partial<EdgeVariant>): EdgeVariant => ({
  id: 'v',
  source: 'calico',
  observer: 'server',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters: {
    connections: 3,
    events: 3,
    requests: 0,
    requestErrors: 0,
    spans: 0,
    bytesSent: 0,
    bytesReceived: 0,
  },
  firstMs: LAST_SLOT - SLOT_MS,
  lastMs: LAST_SLOT,
  ...parts,
})

export const known = (peer: PeerFacts, parts: Partial<WorkloadFacts> = {}): WorkloadFacts => ({
  endpointId: peer.endpointId,
  namespace: peer.namespace,
  name: peer.name,
  firstEverMs: OLD,
  spans: 0,
  aiSpans: 0,
  spanHosts: [],
  ...parts,
})

export const asked = (label: string, parts: Partial<NameFacts> = {}): NameFacts => {
  const [namespace = '', name = ''] = label.split('/')
  return {
    workload: { namespace, name },
    host: 'api.openai.com',
    provider: { id: 'openai', name: 'OpenAI', role: 'inference' },
    count: 2,
    firstMs: NOW - 40 * MINUTE,
    lastMs: NOW - 30 * MINUTE,
    isAnswer: true,
    ...parts,
  }
}

const NO_COUNTS: Readonly<Record<DoorState, number>> = {
  violation: 0,
  sanctioned: 0,
  unverified: 0,
  blocked: 0,
  broken: 0,
  not_applicable: 0,
  no_rule: 0,
}

type DoorParts = Partial<Omit<DoorSummary, 'counts'>> & {
  readonly counts?: Partial<DoorSummary['counts']>
  readonly startupRace?: number
}

export const door = (state: DoorState, { counts, ...parts }: DoorParts = {}): DoorSummary => ({
  state,
  lean: 'none',
  observedIps: [],
  expected: ['nat-a (203.0.113.10/32)'],
  counts: { ...NO_COUNTS, [state]: 3, ...counts },
  ...parts,
})
