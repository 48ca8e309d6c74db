import ipaddr from 'ipaddr.js'
import type { GraphNode } from '@/lib/model/graph'
import { isAddressName } from '@/lib/model/outside-peer'

/** How the name on screen is known, how surely, and what would make it known better. */
export interface Naming {
  /** What stands in for a name where there is none: `public internet (unresolved)`. */
  readonly unresolved?: string
  readonly source: string
  readonly confidence: 'certain' | 'possible' | 'none'
  /** Steps in words; [] where nothing is missing. */
  readonly resolve: readonly string[]
}

type Named = Pick<GraphNode, 'class' | 'name' | 'dnsName' | 'provider'>

const MATCHED_BY: Readonly<Record<string, string>> = {
  'flow-dns-name': 'the flow record carries the DNS name of the destination',
  'dns-map': 'a DNS answer gave this address for the name',
  'dns-question': 'the pod asked for the name shortly before; no answer told the address',
  'fqdn-identity': 'Cilium’s identity of the address carries the selector of a policy for the name',
  'network-set': 'the policy engine’s network set is declared to be the provider',
  span: 'a span of the workload says so',
  cidr: 'the address lies in a published range of the provider',
}

/** Of what is outside the cluster, how its name is known; undefined for everything that the cluster itself names. */
export function namingOf(node: Named, dnsNames: readonly string[] = []): Naming | undefined {
  if (node.provider) return providerNaming(node.provider)
  switch (node.class) {
    case 'internet':
      return {
        unresolved: 'public internet (unresolved)',
        source:
          'the source tells neither an address nor a name: open-source Calico’s Goldmane knows only “public network”',
        confidence: 'none',
        resolve: [
          NETWORK_SET,
          SPANS,
          'Send NAT records with pod addresses: they draw these connections one by one, with their addresses.',
        ],
      }
    case 'external':
      return isAddressName(node.name) ? addressNaming(node, dnsNames) : NAMED_BY_RECORD
    case 'network-set':
      return { source: 'the name of a network set of the policy engine', confidence: 'certain', resolve: [] }
    case 'claimed':
      return {
        source: 'a span names the provider, and no host',
        confidence: 'possible',
        resolve: ['Let the instrumentation set server.address on its client spans.'],
      }
    default:
      return undefined
  }
}

const NETWORK_SET =
  'Calico: add a GlobalNetworkSet per provider, with the provider’s addresses or allowed domains; flow logs then carry its name.'
const DNS_LOGS =
  'Send DNS logs: CoreDNS’s plugin log, Calico’s DNS logs, or Cilium’s DNS visibility (docs/dns.md). A name then stands beside the address.'
const SPANS = 'Send OTel spans of the workload with server.address: they draw the call with its host (docs/otlp.md).'

const NAMED_BY_RECORD: Naming = {
  source: 'records carry the DNS name of the destination',
  confidence: 'certain',
  resolve: [],
}

function providerNaming({ certain, matchedBy }: NonNullable<Named['provider']>): Naming {
  return {
    source: MATCHED_BY[matchedBy] ?? matchedBy,
    confidence: certain ? 'certain' : 'possible',
    resolve: certain ? [] : [DNS_LOGS, SPANS],
  }
}

function addressNaming({ name, dnsName }: Named, dnsNames: readonly string[]): Naming {
  if (dnsName)
    return {
      source: MATCHED_BY[dnsName.origin === 'answer' ? 'dns-map' : 'dns-question'] ?? dnsName.origin,
      confidence: dnsName.origin === 'answer' ? 'certain' : 'possible',
      resolve: [],
    }
  if (dnsNames.length > 1)
    return {
      unresolved: `${placeOf(name)} (several names)`,
      source: `${dnsNames.length} names had this address in the window: none of them is sure`,
      confidence: 'none',
      resolve: [SPANS, 'Cilium: DNS visibility lets flow records carry the name that this very client meant.'],
    }
  return {
    unresolved: `${placeOf(name)} (unresolved)`,
    source: 'records tell an address and no name',
    confidence: 'none',
    resolve: [DNS_LOGS, NETWORK_SET, SPANS],
  }
}

/** What an address is part of, as far as the address itself says; what is not known to be local is somewhere outside. */
function placeOf(address: string): string {
  const range = ipaddr.isValid(address) ? ipaddr.process(address).range() : ''
  return LOCAL[range] ?? 'public internet'
}

const LOCAL: Readonly<Record<string, string>> = {
  private: 'private network',
  uniqueLocal: 'private network',
  linkLocal: 'link-local address',
  carrierGradeNat: 'carrier-grade NAT address',
  loopback: 'loopback address',
  multicast: 'multicast address',
}
