import { type GraphView, serializeGraphView, windowOnly } from './graph-view'
import { linkText } from './link-text'

/** What of the policies page a link carries beside the window (lib/view/graph-view.ts). */
export interface PoliciesView {
  /** Only policies that were never hit, that enforce nothing yet, that refuse something; each narrows further. */
  readonly only: readonly PoliciesOnly[]
  /** '' = all. */
  readonly kind: string
  /** Part of a name; '' = any. */
  readonly text: string
  readonly sort: PoliciesSort | ''
  readonly isDescending: boolean
  /** Id of the open policy; '' = none. */
  readonly open: string
}

export const POLICIES_ONLY = ['never', 'staged', 'denying'] as const
export type PoliciesOnly = (typeof POLICIES_ONLY)[number]

export const POLICIES_SORTS = ['name', 'allowed', 'denied', 'would', 'edges', 'last', 'selects'] as const
export type PoliciesSort = (typeof POLICIES_SORTS)[number]

export const DEFAULT_POLICIES_VIEW: PoliciesView = {
  only: [],
  kind: '',
  text: '',
  sort: '',
  isDescending: false,
  open: '',
}

const MOST_ID = 2048
const MOST_KIND = 64
const MOST_TEXT = 128

/** Broken values fall back to the default, as everywhere in links. */
export function parsePoliciesView(params: URLSearchParams): PoliciesView {
  const only = (params.get('only') ?? '').split(',')
  const [, minus, column] = /^(-?)([a-z]+)$/.exec(params.get('sort') ?? '') ?? []
  const sort = POLICIES_SORTS.find((one) => one === column) ?? ''
  const open = linkText(params.get('policy'))
  return {
    only: POLICIES_ONLY.filter((one) => only.includes(one)),
    kind: linkText(params.get('kind'), MOST_KIND),
    text: linkText(params.get('q'), MOST_TEXT),
    sort,
    isDescending: sort !== '' && minus === '-',
    open: open.length <= MOST_ID ? open : '',
  }
}

/** Adds the shortest parameters that open the same view again. */
export function addPoliciesView(params: URLSearchParams, view: PoliciesView): URLSearchParams {
  const put = (key: string, value: string) => (value === '' ? params.delete(key) : params.set(key, value))
  put('only', view.only.join(','))
  put('kind', view.kind)
  put('q', view.text)
  put('sort', view.sort && `${view.isDescending ? '-' : ''}${view.sort}`)
  put('policy', view.open)
  return params
}

/** The policies page with one policy open, by its id: of the window, dataset and cluster of a view, and of nothing else that it filters. */
export const policyHref = (view: GraphView, id: string): string =>
  `/policies?${addPoliciesView(serializeGraphView(windowOnly(view)), { ...DEFAULT_POLICIES_VIEW, open: id })}`
