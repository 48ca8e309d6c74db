import 'server-only'
import { ownerOfAddress } from '@/lib/egress/address-claims'
import type { Catalogue } from '@/lib/egress/catalogue/catalogue'
import type { ProviderMatcher } from '@/lib/egress/match-provider'
import type { NameFacts } from '@/lib/findings/facts'
import { NAME_VALID_MS } from '@/lib/ingest/pipeline'
import { workloadFromPodName } from '@/lib/model/endpoint'
import type { TimeRange } from '@/lib/model/time-range'
import { loadAddressLeases } from '@/lib/store/load-address-leases'
import { type AnsweredHost, loadAnsweredHosts } from '@/lib/store/load-answered-hosts'
import { type AskedHost, loadAskedHosts } from '@/lib/store/load-asked-hosts'
import { loadPodOwners, type PodName } from '@/lib/store/load-pod-owners'

export interface AskedProvider extends NameFacts {
  readonly cluster: string
}

/** Domains below which hosts of the catalogue are: the last two labels of each. */
export const domainsOf = (catalogue: Catalogue): string[] =>
  [
    ...new Set(
      catalogue.providers.flatMap((provider) =>
        provider.hosts.flatMap(({ host }) => {
          const domain = host.split('.').slice(-2).join('.').toLowerCase()
          return domain.includes('*') ? [] : [domain]
        }),
      ),
    ),
  ].sort()

/**
 * Answers and questions of a window for hosts of the catalogue, with who asked as far as a log, a pod's owner or a lease of the address
 * tells it; an address that several pods claim tells nobody. Answers are not counted one by one: `count` is pods there.
 */
export async function askedProviders(
  dataset: string,
  window: TimeRange,
  { catalogue, matcher }: { readonly catalogue: Catalogue; readonly matcher: ProviderMatcher },
): Promise<AskedProvider[]> {
  const domains = domainsOf(catalogue)
  const [answered, asked] = await Promise.all([
    loadAnsweredHosts(dataset, window, domains, NAME_VALID_MS),
    loadAskedHosts(dataset, window, domains),
  ])
  const providerOf = memoised((host) => {
    const match = matcher.matchHost(host)
    return match && { id: match.providerId, name: match.providerName, role: match.role }
  })
  const answers = answered.filter(({ host }) => providerOf(host))
  const questions = asked.filter(({ host }) => providerOf(host))
  const rows = [
    ...(await withWorkloads(dataset, answers)).map((row) => ({ ...row, count: 1, isAnswer: true })),
    ...(await withHolders(dataset, questions)).map((row) => ({ ...row, isAnswer: false })),
  ]
  return foldNames(
    rows.flatMap((row) => {
      const provider = providerOf(row.host)
      return provider ? [{ ...row, provider }] : []
    }),
  )
}

function memoised<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

type Named = Pick<AskedProvider, 'cluster' | 'host' | 'workload' | 'clientIp' | 'firstMs' | 'lastMs'>

async function withWorkloads(dataset: string, answers: readonly AnsweredHost[]): Promise<Named[]> {
  const pods = answers.flatMap(({ cluster, clientNamespace, clientPod }) =>
    clientPod === '' ? [] : [{ cluster, namespace: clientNamespace, pod: clientPod }],
  )
  const keyOf = ({ cluster, namespace, pod }: PodName) => JSON.stringify([cluster, namespace, pod])
  const owners = new Map((await loadPodOwners(dataset, pods)).map((owner) => [keyOf(owner), owner.workload]))
  return answers.map(({ cluster, host, clientNamespace: namespace, clientPod: pod, firstMs, lastMs }) => ({
    cluster,
    host,
    firstMs,
    lastMs,
    ...(pod !== '' && {
      workload: { namespace, name: owners.get(keyOf({ cluster, namespace, pod })) ?? workloadFromPodName(pod) },
    }),
  }))
}

async function withHolders(dataset: string, questions: readonly AskedHost[]): Promise<(Named & { count: number })[]> {
  const leases = await loadAddressLeases(dataset, questions)
  return questions.map((question) => {
    const { cluster, clientIp, host, count, firstMs, lastMs } = question
    const owner = ownerOfAddress(leases(question), firstMs, lastMs)
    return {
      cluster,
      clientIp,
      host,
      count,
      firstMs,
      lastMs,
      ...(typeof owner !== 'string' && { workload: { namespace: owner.namespace, name: owner.workload } }),
    }
  })
}

/** One row per client and host: pods of a workload are one client, as are its addresses. */
function foldNames(rows: readonly AskedProvider[]): AskedProvider[] {
  const folded = new Map<string, AskedProvider>()
  for (const row of rows) {
    const client = row.workload ? [row.workload.namespace, row.workload.name] : [row.clientIp ?? '']
    const key = JSON.stringify([row.cluster, row.host, row.isAnswer, ...client])
    const known = folded.get(key)
    folded.set(key, known ? together(known, row) : row)
  }
  return [...folded].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function together(a: AskedProvider, b: AskedProvider): AskedProvider {
  const { clientIp, ...rest } = a
  return {
    ...rest,
    ...(clientIp !== undefined && clientIp === b.clientIp && { clientIp }),
    count: a.count + b.count,
    firstMs: Math.min(a.firstMs, b.firstMs),
    lastMs: Math.max(a.lastMs, b.lastMs),
  }
}
