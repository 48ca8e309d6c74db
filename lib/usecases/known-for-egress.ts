import 'server-only'
import type { EgressKnown } from '@/lib/model/egress-known'
import { DAY_MS } from '@/lib/model/units'
import { loadCoverage } from '@/lib/store/load-coverage'
import { loadKnownClients } from '@/lib/store/load-known-clients'
import { checkDataset } from './check-dataset'
import { egressConfig } from './egress-config'
import { providerCatalogue } from './provider-catalogue'

const MOST = 1000
/** Under which Cilium adds a namespace's labels to those of its pods. */
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.'

/** What forms of egress points, paths and rules suggest. Errors: `bad_request`, `unavailable`. */
export async function knownForEgress(dataset: string, nowMs: number): Promise<EgressKnown> {
  checkDataset(dataset)
  const clients = await loadKnownClients(dataset, MOST)
  const coverage = await loadCoverage(dataset, { fromMs: nowMs - DAY_MS, toMs: nowMs })
  const { paths } = egressConfig()
  const { catalogue } = providerCatalogue()
  const labels = clients.flatMap((client) => Object.entries(client.labels ?? {}))
  return {
    clusters: names(clients.map(({ cluster }) => cluster)),
    namespaces: names(clients.map(({ namespace }) => namespace)),
    workloads: names(clients.map(({ name }) => name)),
    serviceAccounts: names(clients.flatMap(({ serviceAccount }) => serviceAccount ?? [])),
    podLabels: names(labels.flatMap(([key, value]) => (key.startsWith('io.cilium.') ? [] : [`${key}=${value}`]))),
    namespaceLabels: names(
      labels.flatMap(([key, value]) =>
        key.startsWith(NAMESPACE_LABEL) ? [`${key.slice(NAMESPACE_LABEL.length)}=${value}`] : [],
      ),
    ),
    hops: names([...coverage.flatMap(({ hop }) => hop ?? []), ...paths.flatMap(({ hops }) => hops)]),
    providers: catalogue.providers.map(({ id, name, category }) => ({ id, name, category })),
    categories: names(catalogue.providers.map(({ category }) => category)),
  }
}

const names = (values: readonly string[]): string[] => [...new Set(values.filter(Boolean))].sort().slice(0, MOST)
