import { type DetectorId, type Finding, SEVERITIES } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'

type Told = Pick<
  Finding,
  | 'id'
  | 'detector'
  | 'severity'
  | 'status'
  | 'accepted'
  | 'workload'
  | 'target'
  | 'title'
  | 'cause'
  | 'count'
  | 'firstSeenMs'
  | 'certainty'
>

interface Words {
  /** After the workloads: what they did, to what. */
  what(targets: string, finding: Told): string
  /** Of one, and of several. */
  readonly unit: readonly [one: string, many: string]
  readonly evidence: string
  readonly next: string
}

const CALLS = ['connection', 'connections'] as const
const FLOW_LOG = 'seen in the flow log'

const WORDS: Readonly<Record<DetectorId, Words>> = {
  D0: {
    what: (targets, finding) => `reached ${targets} ${byAddress(finding)}`,
    unit: CALLS,
    evidence: 'proven by NAT records',
    next: 'Find which route or egress policy the workload missed, or accept the risk with a reason.',
  },
  D0u: {
    what: (targets) => `reached ${targets} by an address that nobody can prove`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Connect the log of the last hop: the edge’s panel says which one is missing.',
  },
  D1: {
    what: (targets) => `spoke to ${targets} in plaintext`,
    unit: CALLS,
    evidence: 'read in HTTP that a proxy or a span saw',
    next: 'Put TLS or a mesh before the endpoint: prompts and keys can be read on the way.',
  },
  D2: {
    what: (targets) => `called ${targets} without TLS`,
    unit: CALLS,
    evidence: 'read in HTTP that a proxy or a span saw',
    next: 'Change the base URL to https, and replace the key: it was readable on the way.',
  },
  D3: {
    what: (targets) => `reached ${targets} from outside of the cluster`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Close the way in by a policy or a Service of type ClusterIP, or put a gateway before it.',
  },
  D4: {
    what: (targets) => `reached ${targets} across namespaces`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Ask the owner whether this path is meant; if so, write the policy that allows it.',
  },
  D5: {
    what: (targets) => `called ${targets} for the first time`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Ask the owner whether this provider is meant, then write a rule for it.',
  },
  D6: {
    what: (targets) => `tried to reach ${targets} and a policy denied it`,
    unit: ['attempt', 'attempts'],
    evidence: FLOW_LOG,
    next: 'Nothing left. Ask the owner what the workload wanted there.',
  },
  D7: {
    what: (targets) => `called ${targets} without a span that says so`,
    unit: CALLS,
    evidence: 'by flows and spans side by side',
    next: 'Find the library that makes the call, and instrument it or send it through the gateway.',
  },
  D8: {
    what: (targets) => `asked for ${targets} and no flow followed`,
    unit: ['question', 'questions'],
    evidence: 'seen in the resolver’s log',
    next: 'Look whether the flow log covers the workload’s node.',
  },
  D9: {
    what: (targets) => `reached ${targets} without asking for a name`,
    unit: CALLS,
    evidence: 'by flows and DNS side by side',
    next: 'Look for an address in the configuration, or for DNS over HTTPS.',
  },
  D10: {
    what: (targets) => `sent unusually much to ${targets}`,
    unit: ['hour', 'hours'],
    evidence: 'by bytes of the flow log',
    next: 'Ask the owner what was uploaded; file and fine-tuning endpoints explain most of it.',
  },
  D11: {
    what: (targets) => `was refused by ${targets} for its address`,
    unit: ['call', 'calls'],
    evidence: 'by the provider’s answers in spans',
    next: 'Compare the provider’s IP allow-list with the addresses of the sanctioned doors.',
  },
  D12: {
    what: (targets) => `calls ${targets}, whose IP allow-list nobody has confirmed`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Register the sanctioned addresses at the provider, and confirm it here.',
  },
  D13: {
    what: (targets) => `runs where nothing but a default allows traffic (${targets})`,
    unit: CALLS,
    evidence: 'by the policies that the flow log names',
    next: 'Write a default-deny policy for the namespace.',
  },
  D14: {
    what: (targets) => `sends telemetry to ${targets}`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Look whether prompts are in it, and whether that is agreed.',
  },
  D15: {
    what: (targets) => `could not reach ${targets}, since its egress gateway was not ready`,
    unit: ['dropped connection', 'dropped connections'],
    evidence: 'by drops in the flow log',
    next: 'Look at the gateway’s nodes and addresses: calls fail until it is back.',
  },
  D16: {
    what: (targets) => `reached ${targets}, which is not approved`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Deny the provider by a policy, or take it off the denied list.',
  },
  D17: {
    what: (targets) => `says in spans that it calls another provider than ${targets}`,
    unit: CALLS,
    evidence: 'by flows and spans side by side',
    next: 'Look at the base URL: a proxy stands between, or the span is wrong.',
  },
  D18: {
    what: (targets) => `reached ${targets}, the cloud’s metadata service`,
    unit: CALLS,
    evidence: FLOW_LOG,
    next: 'Deny 169.254.169.254 for AI workloads: it hands out the node’s credentials.',
  },
}

const ADDRESS = /^door:([0-9a-f.:,]+)$/i
/** How the sentence of a violation names what would have been right. */
const EXPECTED = /, not by (.{1,200}?)\.$/u

function byAddress({ cause, title }: Told): string {
  const address = ADDRESS.exec(cause)?.[1]?.split(',')[0]
  const expected = EXPECTED.exec(title)?.[1]?.replace(/ \([^)]*\)/g, '')
  return `by ${address ?? 'an address that is not sanctioned'}${expected ? ` instead of ${expected}` : ''}`
}

const MOST_TEXT_CHARS = 1000
const MOST_NAMED_TARGETS = 2

/**
 * One sentence on findings of one incident (at least one): who, what, since when, how often, by which evidence. Speaks of those that go
 * on, the worst detector first; of all where none does. Times are UTC.
 */
export function summariseCase(findings: readonly Told[]): { title: string; summary: string } {
  const going = findings.filter(({ status, accepted }) => status !== 'resolved' && !accepted)
  const told = (going.length > 0 ? going : [...findings]).sort(byWeight)
  const [worst] = told
  if (!worst) return { title: '', summary: '' }
  const alike = told.filter(({ detector }) => detector === worst.detector)
  const words = WORDS[worst.detector]
  const workloads = [...new Set(alike.map(({ workload }) => workload))]
  const targets = [...new Set(alike.map(({ target }) => target))]
  const others = told.length - alike.length
  const count = alike.reduce((sum, finding) => sum + finding.count, 0)
  const since = Math.min(...alike.map(({ firstSeenMs }) => firstSeenMs))
  const what = words.what(named(targets, 'target'), worst)
  const unit = words.unit[count === 1 ? 0 : 1]
  const also = others > 0 ? `; ${others} more ${others === 1 ? 'finding has' : 'findings have'} the same cause` : ''
  const title = `${named(workloads, 'workload', 1)} ${what}`
  return {
    title: title.slice(0, MOST_TEXT_CHARS),
    summary:
      `${title} since ${moment(since)}; ${count.toLocaleString('en-GB')} ${unit}, ${words.evidence}${also}.`.slice(
        0,
        MOST_TEXT_CHARS,
      ),
  }
}

/** What a person would do next about findings of one incident, one sentence; '' without findings. */
export function nextStepOf(findings: readonly Told[]): string {
  const going = findings.filter(({ status, accepted }) => status !== 'resolved' && !accepted)
  if (going.length === 0) return findings.length === 0 ? '' : 'Nothing: every finding is resolved or accepted.'
  const [worst] = [...going].sort(byWeight)
  return worst ? WORDS[worst.detector].next : ''
}

/** The worst first, proven before possible, then by detector, then what counts most. */
const byWeight = (a: Told, b: Told): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  Number(a.certainty === 'possible') - Number(b.certainty === 'possible') ||
  order(a.detector) - order(b.detector) ||
  b.count - a.count ||
  (a.id < b.id ? -1 : 1)

const order = (detector: DetectorId): number => Number(detector.replace(/\D/g, '')) + (detector.endsWith('u') ? 0.5 : 0)

function named(names: readonly string[], noun: string, most = MOST_NAMED_TARGETS): string {
  const more = names.length - most
  const shown = names.slice(0, most).join(more > 0 ? ', ' : ' and ')
  return more > 0 ? `${shown} and ${more} more ${noun}${more === 1 ? '' : 's'}` : shown
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function moment(atMs: UnixMillis): string {
  const at = new Date(atMs)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`
}
