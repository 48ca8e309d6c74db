import type { EndpointClass } from './endpoint'
import type { FindingStatus } from './finding'

/** Bounds of a search. */
export const SEARCH_BOUNDS = {
  /** Characters of what is searched for, and fewest that are looked for. */
  chars: 100,
  fewestChars: 2,
  /** Words of it; all must be found. */
  words: 5,
  /** Endpoints of a dataset that one search looks at. */
  endpoints: 50_000,
  /** Results of each kind. */
  results: 8,
} as const

export interface EndpointFound {
  readonly id: string
  readonly class: EndpointClass
  readonly cluster: string
  readonly label: string
}

/** What a text finds, best first; names ever seen in the dataset, whether or not they had traffic of late. */
export interface SearchResult {
  readonly endpoints: readonly EndpointFound[]
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  readonly findings: readonly { readonly id: string; readonly title: string; readonly status: FindingStatus }[]
  /** True where the dataset has more endpoints than a search looks at. */
  readonly isPartial: boolean
}
