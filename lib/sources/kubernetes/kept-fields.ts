import { isRecord } from '@/lib/sources/framing/unwrap'
import type { WatchedKind } from './kinds'

type Fields = Readonly<Record<string, unknown>>

/** What is kept of each kind whose spec says more than Postern uses; kinds not named here are kept whole but for headers. */
const SPEC_FIELDS: Partial<Record<WatchedKind['kind'], readonly string[]>> = {
  Service: ['type', 'clusterIP', 'clusterIPs', 'externalIPs', 'ports', 'selector', 'externalName', 'ipFamilies'],
  Node: ['podCIDR', 'podCIDRs', 'providerID', 'taints'],
  Namespace: [],
  // Its template holds containers.
  EgressGateway: ['replicas', 'ipPools', 'externalNetworks', 'aws', 'egressGatewayFailureDetection'],
  FelixConfiguration: [
    'natOutgoingAddress',
    'natOutgoingExclusions',
    'natPortRange',
    'egressIPSupport',
    'egressIPVXLANPort',
    'defaultEndpointToHostAction',
    'flowLogsFlushInterval',
    'flowLogsGoldmaneServer',
    'flowLogsPolicyEvaluationMode',
    'bpfEnabled',
    'nftablesMode',
    'policySyncPathPrefix',
  ],
  Gateway: ['gatewayClassName', 'listeners', 'addresses'],
}
const STATUS_FIELDS: Partial<Record<WatchedKind['kind'], readonly string[]>> = {
  Node: ['addresses'],
  Service: ['loadBalancer'],
  Gateway: ['addresses'],
}
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
/** Deeper than any policy; what lies below is left out. */
const MAX_DEPTH = 32
const NOT_STORED = '(not stored)'

/** The spec of an object without what Postern must not or need not keep; undefined where it has none. */
export function keptSpec(kind: WatchedKind['kind'], spec: unknown): unknown {
  if (!isRecord(spec)) return undefined
  if (kind === 'HTTPRoute') return keptRoute(spec)
  const names = SPEC_FIELDS[kind]
  const kept = names ? pick(spec, names) : spec
  return Object.keys(kept).length > 0 ? withoutHeaders(kept, 0) : undefined
}

/** The few fields of a status that are used. */
export function keptStatus(kind: WatchedKind['kind'], status: unknown): unknown {
  const names = STATUS_FIELDS[kind]
  if (!names || !isRecord(status)) return undefined
  const kept = pick(status, names)
  return Object.keys(kept).length > 0 ? withoutHeaders(kept, 0) : undefined
}

const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name]]] : [])))

/** Routes match and set headers by value, which may be a key: only names of backends, hosts and paths are kept. */
function keptRoute(spec: Fields): unknown {
  const rules = Array.isArray(spec.rules) ? spec.rules.filter(isRecord) : []
  return withoutHeaders(
    {
      ...pick(spec, ['parentRefs', 'hostnames']),
      rules: rules.map((rule) => ({
        ...(Array.isArray(rule.matches) && {
          matches: rule.matches.filter(isRecord).map((one) => pick(one, ['path', 'method'])),
        }),
        ...(Array.isArray(rule.backendRefs) && {
          backendRefs: rule.backendRefs
            .filter(isRecord)
            .map((one) => pick(one, ['group', 'kind', 'name', 'namespace', 'port', 'weight'])),
        }),
      })),
    },
    0,
  )
}

/** A copy whose header values (Cilium's HTTP rules: `headers`, `headerMatches`) are not told: they may be keys. */
function withoutHeaders(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined
  if (Array.isArray(value)) return value.map((item) => withoutHeaders(item, depth + 1))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (FORBIDDEN_KEYS.has(key)) return []
      if (key === 'headers' && Array.isArray(item)) return [[key, item.map(headerName)]]
      if (key === 'headerMatches' && Array.isArray(item))
        return [
          [
            key,
            item.map((one) => (isRecord(one) ? { ...pick(one, ['name', 'mismatch']), value: NOT_STORED } : NOT_STORED)),
          ],
        ]
      return [[key, withoutHeaders(item, depth + 1)]]
    }),
  )
}

function headerName(header: unknown): string {
  const name = typeof header === 'string' ? /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[:\s]/.exec(header)?.[1] : undefined
  return name ? `${name}: ${NOT_STORED}` : NOT_STORED
}
