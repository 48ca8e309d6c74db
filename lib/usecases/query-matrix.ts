import 'server-only'
import { type BuiltMatrix, buildMatrix, type MatrixInput } from '@/lib/egress/build-matrix'
import { createPointFinder } from '@/lib/egress/point-finder'
import { countersOf } from '@/lib/graph/build-graph'
import { endpointLabel } from '@/lib/model/endpoint'
import type { EndpointRow, VariantRow } from '@/lib/model/graph-input'
import { type EgressMatrix, MATRIX_BOUNDS, type MatrixFilter, POSSIBLE } from '@/lib/model/matrix'
import type { TimeRange } from '@/lib/model/time-range'
import { withSpan } from '@/lib/observability/tracer'
import { loadBucketSums } from '@/lib/store/load-bucket-sums'
import { loadCoverage } from '@/lib/store/load-coverage'
import { loadDnsNames, type MappedNames } from '@/lib/store/load-dns-names'
import { type EdgeEnd, loadByteVariants, loadJudgedSums } from '@/lib/store/load-judged-sums'
import { loadVariants } from '@/lib/store/load-variants'
import { egressConfig } from './egress-config'
import { isAddress, providerOf } from './query-graph'

/**
 * Workloads × providers × doors of a window, narrowed and laid out, a page of rows at a time. Reads sums by edge and judgement, not
 * connections one by one. Errors: `unavailable`.
 */
export const queryMatrix = (dataset: string, window: TimeRange, filter: MatrixFilter): Promise<EgressMatrix> =>
  withSpan('egress.matrix', {}, async () => {
    const [{ sums, groups, ends, isCut }, coverage] = await Promise.all([
      loadJudgedSums(dataset, window, MATRIX_BOUNDS.sums),
      loadCoverage(dataset, window),
    ])
    const serverIds = new Set(sums.map(({ serverId }) => serverId))
    const bytes = await bytesOf(dataset, window, [...new Set(sums.map(({ edgeId }) => edgeId))])
    const input: MatrixInput = {
      sums,
      groups,
      clients: new Map([...ends].map(([id, end]) => [id, clientOf(end)])),
      servers: await columnsOf(
        dataset,
        window,
        [...ends.values()].filter(({ id }) => serverIds.has(id)),
      ),
      pointOf: createPointFinder(egressConfig()),
      ...(bytes.size > 0 && { bytes }),
    }
    const built: BuiltMatrix = buildMatrix(input, filter)
    return {
      window,
      dataset,
      ...built,
      isPartial: isCut,
      hasEvidenceSource: coverage.some(
        (source) =>
          source.source === 'nat' &&
          source.acceptedInWindow > 0 &&
          (!filter.cluster || source.cluster === filter.cluster),
      ),
    }
  })

export const clientOf = ({ cluster, namespace, name, ...end }: EdgeEnd) => ({
  cluster,
  namespace,
  name,
  label: endpointLabel({ namespace, name, class: end.class }),
})

/**
 * The column of each server: the provider where a host names it for certain, else `POSSIBLE`: what was judged looked like a
 * provider to somebody. By the same names as the graph's nodes.
 */
export async function columnsOf(
  dataset: string,
  window: TimeRange,
  servers: readonly EdgeEnd[],
): Promise<MatrixInput['servers']> {
  const rows: EndpointRow[] = servers.map((server) => ({ ...server, labels: {} }))
  const names = await loadDnsNames(
    dataset,
    window,
    rows.filter(({ name }) => isAddress(name)),
  )
  return new Map(rows.map((row) => [row.id, columnOf(row, names.get(row.id))]))
}

/** Of an address that has several. */
const NAMES_SHOWN = 3

function columnOf(row: EndpointRow, mapped: MappedNames | undefined) {
  const provider = providerOf(row, mapped)
  const names = mapped?.names ?? []
  const [only = endpointLabel(row)] = names.length === 1 ? names : []
  if (provider?.certain) return { column: provider.id, name: provider.name, host: only }
  const guess = provider?.name ?? names.slice(0, NAMES_SHOWN).join(' or ')
  return { column: POSSIBLE, name: 'Possible', host: guess && guess !== only ? `${only} (${guess}?)` : only }
}

/** Bytes of edges in a window, both ways, of those whose source counts them. */
async function bytesOf(
  dataset: string,
  window: TimeRange,
  edgeIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sums = await loadBucketSums(dataset, window, await loadByteVariants(edgeIds))
  const variants = await loadVariants(sums.map(({ variantId }) => variantId))
  const byEdge = new Map<string, VariantRow[]>()
  for (const [index, variant] of variants.entries()) {
    const sum = sums[index]
    if (!variant || !sum) continue
    const row = { ...variant.row, counters: sum.counters, firstMs: sum.firstMs, lastMs: sum.lastMs }
    const rows = byEdge.get(variant.edge.id)
    if (rows) rows.push(row)
    else byEdge.set(variant.edge.id, [row])
  }
  return new Map(
    [...byEdge].map(([edgeId, rows]) => {
      const { bytesSent, bytesReceived } = countersOf(rows)
      return [edgeId, bytesSent + bytesReceived]
    }),
  )
}
