import type { WayId } from './ways'

/** What a set-up can say, in the order of the table. */
export const CAPABILITIES = ['decision', 'policies', 'pending', 'names', 'calls', 'doors'] as const
export type Capability = (typeof CAPABILITIES)[number]

export const CAPABILITY_WORD: Readonly<Record<Capability, string>> = {
  decision: 'Allowed or denied',
  policies: 'Which policy decided',
  pending: 'What staged policies would do',
  names: 'Names of what is outside',
  calls: 'Models, tokens, errors of calls',
  doors: 'By which address a call left',
}

/** yes: for all that it sees · partly: for some of it, or not for sure · no. */
export type Reach = 'yes' | 'partly' | 'no'

export interface Verdict {
  readonly reach: Reach
  /** Why, and what is missing. */
  readonly why: string
  /** What would reach further. */
  readonly add?: readonly WayId[]
}

type Row = Readonly<Record<Exclude<Capability, 'doors'>, readonly [Reach, string]>>

const NOT_TOLD: readonly [Reach, string] = ['no', 'It does not tell.']
const HUBBLE: Row = {
  decision: ['yes', 'Both sides, with the reason of a drop.'],
  policies: [
    'partly',
    'The rule’s policy where Cilium correlates it (1.16 and newer). A denial because no rule matched names none.',
  ],
  pending: ['partly', 'Only what policy audit mode would deny, mostly without the policy’s name.'],
  names: ['partly', 'Where a DNS rule leads the pods’ look-ups through Cilium’s proxy; else addresses.'],
  calls: NOT_TOLD,
}
const GOLDMANE: Row = {
  decision: ['yes', 'Both sides, by 15 seconds.'],
  policies: ['yes', 'Tier, policy and rule, and what triggered the end of a tier.'],
  pending: ['yes', 'The pending trace beside the enforced one.'],
  names: ['no', 'Its flows carry no address and no name outside the cluster, but those of network sets.'],
  calls: NOT_TOLD,
}
const ENTERPRISE: Row = {
  decision: ['yes', 'Both sides, by five minutes.'],
  policies: ['yes', 'Tier, policy and rule.'],
  pending: ['yes', 'Where the version writes pending_policies.'],
  names: ['yes', 'Domains of destinations outside; five of a flow by default.'],
  calls: NOT_TOLD,
}
const SPANS: Row = {
  decision: NOT_TOLD,
  policies: NOT_TOLD,
  pending: NOT_TOLD,
  names: ['partly', 'As the program calls its server: its own word.'],
  calls: ['yes', 'Of the programs that are instrumented, as far as sampling leaves them.'],
}
const EVIDENCE: Row = { decision: NOT_TOLD, policies: NOT_TOLD, pending: NOT_TOLD, names: NOT_TOLD, calls: NOT_TOLD }

/** What each way tells by itself; facts: docs/cilium.md, calico.md, otlp.md, nat-evidence.md, kubernetes.md, dns.md. */
const TOLD: Readonly<Record<WayId, Row>> = {
  'hubble-exporter': HUBBLE,
  'hubble-relay': HUBBLE,
  goldmane: GOLDMANE,
  'calico-logs': ENTERPRISE,
  'calico-syslog': ENTERPRISE,
  'calico-s3': ENTERPRISE,
  'otel-exporter': SPANS,
  'otel-collector': SPANS,
  'nat-aws': EVIDENCE,
  'nat-gcp': EVIDENCE,
  'nat-azure': EVIDENCE,
  'nat-node': EVIDENCE,
  kubernetes: {
    ...EVIDENCE,
    policies: [
      'partly',
      'By itself only which policies exist, with their YAML; beside flows, which of them isolate a pod.',
    ],
  },
  coredns: { ...EVIDENCE, names: ['partly', 'Which pod asked for which name, without the address it got.'] },
}

const RANK: Readonly<Record<Reach, number>> = { no: 0, partly: 1, yes: 2 }
/** What to add where nothing tells. */
const ADD: Readonly<Partial<Record<Capability, readonly WayId[]>>> = {
  names: ['coredns'],
  calls: ['otel-exporter', 'otel-collector'],
}

/**
 * The best that these ways together can say, for each capability; never more than the sources' own documentation gives. What
 * the judge needs for a proof is written in docs/egress.md and docs/nat-evidence.md.
 */
export function bestVerdict(ways: readonly WayId[]): Readonly<Record<Capability, Verdict>> {
  const best = (capability: keyof Row): Verdict => {
    const [reach, why] = ways
      .map((id) => TOLD[id][capability])
      .reduce((a, b) => (RANK[b[0]] > RANK[a[0]] ? b : a), NOT_TOLD)
    const add = reach === 'yes' ? undefined : ADD[capability]?.filter((id) => !ways.includes(id))
    return { reach, why, ...(add && add.length > 0 && { add }) }
  }
  return {
    decision: best('decision'),
    policies: best('policies'),
    pending: best('pending'),
    names: best('names'),
    calls: best('calls'),
    doors: doors(ways),
  }
}

const has = (ways: readonly WayId[], ...some: readonly WayId[]): boolean => some.some((id) => ways.includes(id))

/** A proof needs a record of the last NAT, tied to one connection of one workload, whose server has a name. */
function doors(ways: readonly WayId[]): Verdict {
  const isExact = has(ways, 'nat-gcp', 'nat-node')
  const hasHubble = has(ways, 'hubble-exporter', 'hubble-relay')
  const hasEnterprise = has(ways, 'calico-logs', 'calico-syslog', 'calico-s3')
  const hasNames = hasHubble || hasEnterprise || has(ways, 'coredns', 'otel-exporter', 'otel-collector')
  if (!isExact && !has(ways, 'nat-aws')) {
    if (hasHubble)
      return {
        reach: 'partly',
        why: 'Only of calls through an egress gateway on another node than the pod’s: a call around it carries no mark, and stays unverified.',
        add: ['nat-aws', 'nat-gcp', 'nat-node'],
      }
    if (has(ways, 'nat-azure'))
      return {
        reach: 'no',
        why: 'Azure’s log has no ports: it hints, and every door stays unverified.',
        add: ['nat-node'],
      }
    return {
      reach: 'no',
      why: 'Nothing here tells an address after NAT: every door stays unverified.',
      add: ['nat-aws', 'nat-gcp', 'nat-node'],
    }
  }
  if (!hasHubble && !hasEnterprise && !has(ways, 'kubernetes'))
    return {
      reach: 'no',
      why: has(ways, 'goldmane')
        ? 'Goldmane’s flows carry no address to join NAT records to: the inventory says whose address a record names.'
        : 'NAT records name addresses: flows with addresses, or the inventory, say whose they are.',
      add: ['kubernetes'],
    }
  if (!hasNames)
    return {
      reach: 'no',
      why: 'A provider is named by host, and nothing here names hosts: doors of unnamed peers are not judged.',
      add: ['coredns'],
    }
  if (!isExact)
    return {
      reach: 'partly',
      why: 'Where the record has the client’s port, or a pod with an address of its own had one connection to that server; with the gateway’s private address mapped to the public one.',
      add: ['nat-node'],
    }
  if (hasHubble || has(ways, 'coredns', 'otel-exporter', 'otel-collector'))
    return {
      reach: 'yes',
      why: 'Each translated connection whose server has a name, where the NAT is the last one of a path in the egress settings.',
    }
  return {
    reach: 'partly',
    why: 'Of flows with addresses and ports: set flowLogsFileAggregationKindForAllowed to 0, or allowed calls carry none.',
    add: ['coredns'],
  }
}
