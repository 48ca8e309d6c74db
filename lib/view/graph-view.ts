import type { GraphQuery } from '@/lib/model/graph'
import type { TimeRange } from '@/lib/model/time-range'
import { EDGE_STATES, type EdgeState } from '@/lib/model/verdict'

/** Everything of the graph page that a link must carry. */
export interface GraphView {
  /** As written: Grafana's relative form (`now-15m`, `now`) or epoch milliseconds. */
  readonly from: string
  readonly to: string
  readonly dataset: string
  readonly cluster: string
  readonly namespaces: readonly string[]
  readonly scope: 'ai' | 'all'
  readonly states: readonly EdgeState[]
  readonly text: string
  /** Drawn, or the same edges as a table. */
  readonly layout: 'graph' | 'table'
  /** `edge:<id>` or `node:<id>`; '' = nothing selected. */
  readonly selected: string
}

export const DEFAULT_VIEW: GraphView = {
  from: 'now-15m',
  to: 'now',
  dataset: '',
  cluster: '',
  namespaces: [],
  scope: 'ai',
  states: [],
  text: '',
  layout: 'graph',
  selected: '',
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3600_000, d: 86_400_000, w: 604_800_000 }
const DEFAULT_WINDOW_MS = 15 * 60_000
const MAX_TEXT = 128

/** A link's parameters as a view: unknown or broken values fall back to the default, never to an error. */
export function parseGraphView(params: URLSearchParams): GraphView {
  const list = (key: string) => (params.get(key) ?? '').split(',').filter(Boolean).slice(0, 50)
  const selected = params.get('sel') ?? ''
  return {
    from: timeText(params.get('from')) ?? DEFAULT_VIEW.from,
    to: timeText(params.get('to')) ?? DEFAULT_VIEW.to,
    dataset: (params.get('dataset') ?? '').slice(0, 64),
    cluster: (params.get('cluster') ?? '').slice(0, 128),
    namespaces: list('ns'),
    scope: params.get('scope') === 'all' ? 'all' : 'ai',
    states: EDGE_STATES.filter((state) => list('state').includes(state)),
    text: (params.get('q') ?? '').slice(0, MAX_TEXT),
    layout: params.get('layout') === 'table' ? 'table' : 'graph',
    selected: /^(edge|node):-?\d{1,20}$/.test(selected) ? selected : '',
  }
}

/** The shortest parameters that open the same view again; defaults are not written. */
export function serializeGraphView(view: GraphView): URLSearchParams {
  const params = new URLSearchParams()
  const put = (key: string, value: string, fallback: string) => value !== fallback && params.set(key, value)
  put('from', view.from, DEFAULT_VIEW.from)
  put('to', view.to, DEFAULT_VIEW.to)
  put('dataset', view.dataset, '')
  put('cluster', view.cluster, '')
  put('ns', view.namespaces.join(','), '')
  put('scope', view.scope, 'ai')
  put('state', view.states.join(','), '')
  put('q', view.text, '')
  put('layout', view.layout, 'graph')
  put('sel', view.selected, '')
  return params
}

/** What the view asks of the server at a moment. A window that ends at `now` moves; one with two fixed ends stays. */
export function toGraphQuery(view: GraphView, nowMs: number): GraphQuery {
  const toMs = resolveTime(view.to, nowMs) ?? nowMs
  const fromMs = resolveTime(view.from, nowMs) ?? toMs - DEFAULT_WINDOW_MS
  const isMoving = view.to === 'now'
  const windowMs = Math.max(1000, toMs - fromMs)
  return {
    dataset: view.dataset,
    windowMs,
    ...(isMoving ? {} : { toMs, fromMs: Math.min(fromMs, toMs - 1000) }),
    ...(view.cluster && { cluster: view.cluster }),
    namespaces: view.namespaces,
    scope: view.scope,
    states: view.states,
    ...(view.text && { text: view.text }),
  }
}

/** The dataset and the half-open window, in Unix milliseconds, that a link's parameters mean at a moment. */
export function windowOf(
  params: URLSearchParams,
  nowMs: number,
): { readonly dataset: string; readonly window: TimeRange } {
  const { dataset, fromMs, toMs, windowMs } = toGraphQuery(parseGraphView(params), nowMs)
  const end = toMs ?? nowMs
  return { dataset, window: { fromMs: fromMs ?? end - windowMs, toMs: end } }
}

/** `now`, `now-15m`, epoch milliseconds or seconds, or ISO 8601, as Unix milliseconds. */
export function resolveTime(text: string, nowMs: number): number | undefined {
  const relative = /^now(?:-(\d{1,6})([smhdw]))?$/.exec(text)
  if (relative) return nowMs - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? 's'] ?? 0)
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000
  if (/^\d{12,14}$/.test(text)) return Number(text)
  const parsed = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(parsed) ? parsed : undefined
}

const timeText = (text: string | null): string | undefined =>
  text !== null && resolveTime(text, 0) !== undefined ? text : undefined
