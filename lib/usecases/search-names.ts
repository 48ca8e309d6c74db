import 'server-only'
import { endpointLabel } from '@/lib/model/endpoint'
import { SEARCH_BOUNDS, type SearchResult } from '@/lib/model/search-result'
import { searchEndpoints, searchFindings } from '@/lib/store/search-names'
import { checkDataset } from './check-dataset'
import { providerCatalogue } from './provider-catalogue'

/**
 * Workloads, hosts, providers and findings whose names hold all words of a text, whatever their case; nothing for less than two
 * characters. Errors: `bad_request` (dataset), `unavailable`.
 */
export async function searchNames(dataset: string, text: string): Promise<SearchResult> {
  checkDataset(dataset)
  const asked = text.slice(0, SEARCH_BOUNDS.chars).toLowerCase().replaceAll('\0', '').trim()
  if (asked.length < SEARCH_BOUNDS.fewestChars) return { endpoints: [], providers: [], findings: [], isPartial: false }
  // As names are shown, `agents / planner`, and as they are written, `agents/planner`.
  const words = asked
    .split(/[\s/]+/)
    .filter(Boolean)
    .slice(0, SEARCH_BOUNDS.words)
  const [{ found, isPartial }, findings] = await Promise.all([
    searchEndpoints(dataset, words, SEARCH_BOUNDS.endpoints, SEARCH_BOUNDS.results),
    searchFindings(dataset, words, SEARCH_BOUNDS.results),
  ])
  const providers = providerCatalogue()
    .catalogue.providers.filter(({ id, name }) => words.every((word) => `${id} ${name}`.toLowerCase().includes(word)))
    .slice(0, SEARCH_BOUNDS.results)
  return {
    endpoints: found.map((row) => ({ id: row.id, class: row.class, cluster: row.cluster, label: endpointLabel(row) })),
    providers: providers.map(({ id, name }) => ({ id, name })),
    findings,
    isPartial,
  }
}
