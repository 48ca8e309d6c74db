import { DOOR_STATES } from '@/lib/model/egress'
import type { EdgeChange, NodeClass } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'

/** Fields of one end of a connection: a node of the graph. */
export const END_FIELDS = [
  'cluster',
  'namespace',
  'workload',
  'pod',
  'host',
  'provider',
  'role',
  'class',
  'label',
  'group',
  'text',
] as const
export type EndField = (typeof END_FIELDS)[number]

/** Fields of what lies between the ends that are texts. */
export const LINK_TEXTS = [
  'protocol',
  'verdict',
  'door',
  'policy',
  'policyin',
  'policyout',
  'tier',
  'rule',
  'leftby',
  'drop',
  'model',
  'source',
  'change',
] as const
export type LinkText = (typeof LINK_TEXTS)[number]

/** Fields of what lies between the ends that are numbers. */
export const LINK_NUMBERS = [
  'port',
  'connections',
  'requests',
  'errors',
  'bytes',
  'sent',
  'received',
  'spans',
  'calls',
  'tokens',
  'denied',
  'dropped',
  'findings',
  'violations',
] as const
export type LinkNumber = (typeof LINK_NUMBERS)[number]

export type FieldName = EndField | LinkText | LinkNumber

export const END_FLAGS = ['external', 'unnamed', 'newcomer'] as const
export type EndFlag = (typeof END_FLAGS)[number]
export const LINK_FLAGS = [
  'ai',
  'denied',
  'staged',
  'dropped',
  'violation',
  'sanctioned',
  'unverified',
  'flow',
  'traced',
  'new',
] as const
export type LinkFlag = (typeof LINK_FLAGS)[number]
export type FlagName = EndFlag | LinkFlag

export interface FieldFacts {
  /** Whose it is: of an end, so that `src.` and `dst.` may stand before it, or of what lies between. */
  readonly of: 'end' | 'link'
  /** `choice`: one of `choices`, nothing else. `bytes`: a number that takes units of size. */
  readonly kind: 'text' | 'choice' | 'count' | 'bytes'
  readonly aliases: readonly string[]
  readonly choices?: readonly string[]
  readonly help: string
}

const end = (help: string, ...aliases: string[]): FieldFacts => ({ of: 'end', kind: 'text', aliases, help })
const link = (help: string, ...aliases: string[]): FieldFacts => ({ of: 'link', kind: 'text', aliases, help })
const count = (help: string, ...aliases: string[]): FieldFacts => ({ of: 'link', kind: 'count', aliases, help })
const bytes = (help: string, ...aliases: string[]): FieldFacts => ({ of: 'link', kind: 'bytes', aliases, help })
const choice = (facts: FieldFacts, choices: readonly string[]): FieldFacts => ({ ...facts, kind: 'choice', choices })

/** Words that stand for several verdicts. */
const VERDICT_WORDS = ['allowed', 'denied'] as const

/** All of them: one that is added to the model is missed here by the compiler. */
const CLASSES: Readonly<Record<NodeClass, true>> = {
  workload: true,
  host: true,
  'kube-apiserver': true,
  ingress: true,
  'network-set': true,
  external: true,
  internet: true,
  provider: true,
  database: true,
  queue: true,
  local: true,
  caller: true,
  claimed: true,
}

const CHANGES: Readonly<Record<EdgeChange, true>> = { added: true, removed: true, verdict: true, volume: true }

/** The table of the language: docs/filter.md tells the same, and a test compares the two. */
export const FIELDS: Readonly<Record<FieldName, FieldFacts>> = {
  cluster: end('cluster of the node'),
  namespace: end('Kubernetes namespace', 'ns'),
  workload: end('workload: its name, or namespace/name', 'name', 'wl'),
  pod: end('pod; known on the pod level only'),
  host: end('DNS name or address outside the cluster', 'dns'),
  provider: end('AI provider: its id or name'),
  role: end('AI role: agent, gateway, model-server, vector-store, app'),
  class: choice(end('kind of node', 'kind'), Object.keys(CLASSES)),
  label: end('what stands under the node'),
  group: choice(end('what a drawn group stands for'), ['cluster', 'namespace', 'outside']),
  text: end('any of the node’s names', 'any'),
  protocol: link('tcp, udp, …', 'proto'),
  verdict: choice(link('verdict of the policies', 'state'), [...EDGE_STATES, ...VERDICT_WORDS]),
  door: choice(link('judgement of the way out'), DOOR_STATES),
  policy: link('policy that took part: its name, or namespace/name'),
  policyin: link('the same, at the destination only'),
  policyout: link('the same, at the source only'),
  tier: link('tier of such a policy'),
  rule: link('egress rule that applied'),
  leftby: link('public address by which it left', 'egressip'),
  drop: link('reason of a drop, in the source’s words'),
  model: link('AI model, as spans name it'),
  source: choice(link('who tells of it'), ['hubble', 'calico', 'otlp', 'nat']),
  change: choice(link('how it differs from the window compared with'), Object.keys(CHANGES)),
  port: count('port of the destination'),
  connections: count('connections in the window', 'conns'),
  requests: count('requests that flow records count', 'reqs'),
  errors: count('failed requests and calls', 'error'),
  bytes: bytes('bytes of both directions'),
  sent: bytes('bytes from source to destination'),
  received: bytes('bytes from destination to source'),
  spans: count('calls that traces saw', 'span'),
  calls: count('calls of AI models that traces saw', 'call'),
  tokens: count('input and output tokens', 'token'),
  denied: count('connections that policies denied'),
  dropped: count('connections dropped for other causes'),
  findings: count('open findings', 'finding'),
  violations: count('connections that left by another address'),
}

/** `is` and these: yes or no. */
export const FLAGS: Readonly<Record<FlagName, { readonly of: 'end' | 'link'; readonly help: string }>> = {
  external: { of: 'end', help: 'outside the cluster' },
  unnamed: { of: 'end', help: 'outside the cluster, and nobody told a name' },
  newcomer: { of: 'end', help: 'none of its edges was seen before this window' },
  ai: { of: 'link', help: 'an AI workload or provider is at an end' },
  denied: { of: 'link', help: 'a policy denied some of it' },
  staged: { of: 'link', help: 'a staged policy would deny some of it' },
  dropped: { of: 'link', help: 'some was dropped for another cause than policy' },
  violation: { of: 'link', help: 'some left by another address than is sanctioned' },
  sanctioned: { of: 'link', help: 'left by a sanctioned address, as far as proven' },
  unverified: { of: 'link', help: 'the way out is not proven' },
  flow: { of: 'link', help: 'flow records tell of it' },
  traced: { of: 'link', help: 'traces saw calls on it' },
  new: { of: 'link', help: 'first seen in this window' },
}

const FIELD_BY_WORD: ReadonlyMap<string, FieldName> = new Map(
  [...END_FIELDS, ...LINK_TEXTS, ...LINK_NUMBERS].flatMap((name): [string, FieldName][] =>
    [name, ...FIELDS[name].aliases].map((word) => [word, name]),
  ),
)
const FLAG_BY_WORD: ReadonlyMap<string, FlagName> = new Map([...END_FLAGS, ...LINK_FLAGS].map((name) => [name, name]))

/** The field that a word names, by its name or an alias, in any case. */
export const fieldOf = (word: string): FieldName | undefined => FIELD_BY_WORD.get(word.toLowerCase())
export const flagOf = (word: string): FlagName | undefined => FLAG_BY_WORD.get(word.toLowerCase())
export const fieldWords = (): readonly string[] => [...FIELD_BY_WORD.keys()]
export const flagWords = (): readonly string[] => [...FLAG_BY_WORD.keys()]

const END_NAMES: ReadonlySet<string> = new Set(END_FIELDS)
const NUMBER_NAMES: ReadonlySet<string> = new Set(LINK_NUMBERS)
const END_FLAG_NAMES: ReadonlySet<string> = new Set(END_FLAGS)
export const isEndField = (name: FieldName): name is EndField => END_NAMES.has(name)
export const isNumberField = (name: FieldName): name is LinkNumber => NUMBER_NAMES.has(name)
export const isEndFlag = (name: FlagName): name is EndFlag => END_FLAG_NAMES.has(name)
