import type { InventoryChange } from '@/lib/model/inventory'
import { createRng } from '../rng'
import { enterpriseLines, goldmaneLines } from './wire-calico'
import { dnsLines, hubbleLines, translatedLines } from './wire-hubble'
import { calicoDnsLines, corednsLines, traceBodies } from './wire-names'
import { AWS_HEADER, auditLines, natLines } from './wire-nat'
import { clusterOf, type Observer, podName, type Scenario } from './world'

/** Which token a sender has: one for records, one that may prove, one that a workload could have. */
export type TokenKind = 'ingest' | 'nat-evidence'

/** One HTTP request of a scenario's senders. */
export interface PlantBody {
  readonly path: string
  readonly contentType: string
  readonly cluster: string
  readonly token: TokenKind
  readonly text: string
  /** Arrives after everything that is not late was judged. */
  readonly isLate: boolean
}

/** What a watch of a cluster's pods and objects brought. */
export interface PlantInventory {
  readonly cluster: string
  readonly changes: readonly InventoryChange[]
}

const NDJSON = 'application/x-ndjson'
/** Lines of one body: small, so that order of arrival means something. */
const LINES_PER_BODY = 6

interface Told {
  readonly path: string
  readonly type: string
  readonly token: TokenKind
  readonly lines: readonly { readonly cluster: string; readonly line: string }[]
  readonly head?: string
}

/** Every request of a scenario whose times begin at `baseMs`; the same for the same time. */
export function bodiesOf(scenario: Scenario, baseMs: number): PlantBody[] {
  const watched = scenario.observers.flatMap((observer) => {
    const told = toldBy(scenario, observer, baseMs)
    return told ? piecesOf(told, observer.isLate === true) : []
  })
  const traces = traceBodies(scenario, baseMs).map(({ cluster, line }) => ({
    path: '/v1/traces',
    contentType: 'application/json',
    cluster,
    token: 'ingest' as const,
    text: line,
    isLate: false,
  }))
  const raw = (scenario.raw?.(baseMs) ?? []).map(({ path, text, cluster, isUntrusted, isLate = false }) => ({
    path,
    contentType: NDJSON,
    cluster: `${scenario.name}${cluster}`,
    token: isUntrusted || !path.includes('/nat/') ? ('ingest' as const) : ('nat-evidence' as const),
    text,
    isLate,
  }))
  return [...watched, ...traces, ...raw]
}

function toldBy(scenario: Scenario, observer: Observer, baseMs: number): Told | undefined {
  const flows = { type: NDJSON, token: 'ingest' } as const
  switch (observer.kind) {
    case 'hubble':
      return { ...flows, path: '/api/ingest/hubble', lines: hubbleLines(scenario, observer, baseMs) }
    case 'hubble-translated':
      return { ...flows, path: '/api/ingest/hubble', lines: translatedLines(scenario, observer, baseMs) }
    case 'hubble-dns':
      return { ...flows, path: '/api/ingest/hubble', lines: dnsLines(scenario, observer, baseMs) }
    case 'calico-enterprise':
      return { ...flows, path: '/api/ingest/calico', lines: enterpriseLines(scenario, observer, baseMs) }
    case 'goldmane':
      return { ...flows, path: '/api/ingest/calico', lines: goldmaneLines(scenario, observer, baseMs) }
    case 'calico-dns':
      return { ...flows, path: '/api/ingest/dns/calico', lines: calicoDnsLines(scenario, observer, baseMs) }
    case 'coredns':
      return {
        ...flows,
        path: '/api/ingest/dns/coredns',
        type: 'text/plain',
        lines: corednsLines(scenario, observer, baseMs),
      }
    case 'inventory':
      return undefined
    case 'cloudtrail':
    case 'gcp-audit':
    case 'azure-openai':
      return {
        type: NDJSON,
        token: observer.isUntrusted ? 'ingest' : 'nat-evidence',
        path: `/api/ingest/nat/${observer.kind}`,
        lines: auditLines(scenario, observer, baseMs),
      }
    default: {
      const format = observer.kind === 'ulogd' ? 'conntrack' : observer.kind
      return {
        type: 'text/plain',
        token: observer.isUntrusted ? 'ingest' : 'nat-evidence',
        path: `/api/ingest/nat/${format}?hop=${observer.hop}`,
        lines: natLines(scenario, observer, baseMs),
        ...(observer.kind === 'aws-vpc' && { head: AWS_HEADER }),
      }
    }
  }
}

function piecesOf({ path, type, token, lines, head }: Told, isLate: boolean): PlantBody[] {
  const byCluster = new Map<string, string[]>()
  for (const { cluster, line } of lines) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), line])
  const bodies: PlantBody[] = []
  for (const [cluster, own] of byCluster) {
    // What happened one after the other comes in different bodies, which come in any order.
    const count = Math.ceil(own.length / LINES_PER_BODY)
    for (let part = 0; part < count; part += 1) {
      const piece = [...(head ? [head] : []), ...own.filter((_, index) => index % count === part)]
      bodies.push({ path, contentType: type, cluster, token, text: `${piece.join('\n')}\n`, isLate })
    }
  }
  return bodies
}

/** What the inventory of a scenario's clusters knows, where it is watched. */
export function inventoriesOf(scenario: Scenario, baseMs: number): PlantInventory[] {
  if (!scenario.observers.some(({ kind }) => kind === 'inventory')) return []
  const clusters = [...new Set(scenario.pods.map((pod) => pod.cluster))]
  return clusters.map((suffix) => {
    const at = (seconds: number) => Math.round(baseMs + seconds * 1000)
    const pods = scenario.pods
      .filter((pod) => pod.cluster === suffix)
      .flatMap((pod) => [
        {
          what: 'pod' as const,
          atMs: at(pod.fromS),
          pod: {
            namespace: pod.namespace,
            pod: podName(pod),
            uid: `${scenario.name}${pod.cluster}-${pod.key}`,
            workload: pod.workload,
            workloadKind: 'Deployment',
            node: pod.node,
            hostNetwork: pod.isHostNetwork === true,
            ips: [pod.ip],
            fromMs: at(pod.fromS),
            isTerminating: false,
          },
        },
        ...(pod.toS === undefined
          ? []
          : [{ what: 'pod-gone' as const, uid: `${scenario.name}${pod.cluster}-${pod.key}`, atMs: at(pod.toS) }]),
      ])
      .sort((a, b) => a.atMs - b.atMs)
    const objects = (scenario.objects ?? []).map(({ kind, namespace, name, body }) => ({
      what: 'object' as const,
      atMs: at(-3600),
      object: {
        kind,
        namespace,
        name,
        tier: '',
        uid: `${kind}-${name}`,
        resourceVersion: '1',
        isUnchanged: true,
        createdMs: at(-7200),
        body,
      },
    }))
    return { cluster: clusterOf(scenario, { cluster: suffix }), changes: [...objects, ...pods] }
  })
}

/** The same things in another order, which follows from the seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rng = createRng(seed)
  return [...items]
    .map((item) => ({ item, at: rng() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
