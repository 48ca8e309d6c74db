import { chipOf, chipText, type FilterChip, MAX_CHIPS, MAX_NAME_CHARS, parseChip } from '@/lib/model/filter-chip'
import {
  GRAPH_LEVELS,
  type GraphLevel,
  type GraphQuery,
  NOISE_KINDS,
  type NoiseKind,
  type Place,
} from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { EDGE_STATES, type EdgeState } from '@/lib/model/verdict'
import { linkText } from './link-text'
import { isRounded, isTimeText, isZone, resolveTime } from './times'

/** Tabs of the side panel, and parts of the dock. */
export const PANEL_TABS = ['flows', 'policies', 'traces', 'history', 'egress', 'changes'] as const
export type PanelTab = (typeof PANEL_TABS)[number]
export const DOCK_PARTS = ['flows', 'denies', 'traces', 'failed', 'timeline'] as const
export type DockPart = (typeof DOCK_PARTS)[number]

/** Everything of the graph page that a link must carry. */
export interface GraphView {
  /** As written: Grafana's relative form (`now-15m`, `now-1d/d`, `now`), epoch milliseconds or seconds, or ISO 8601 (lib/view/times.ts). */
  readonly from: string
  readonly to: string
  /** IANA name of the time zone in which `from` and `to` round to days; '' = UTC. */
  readonly zone: string
  readonly dataset: string
  readonly cluster: string
  readonly namespaces: readonly string[]
  readonly scope: 'ai' | 'all'
  readonly states: readonly EdgeState[]
  /** Drawn, or the same edges as a table. */
  readonly layout: 'graph' | 'table'
  /** `edge:<id>` or `node:<id>`; '' = nothing selected. */
  readonly selected: string
  /** '' = the server chooses the finest that is readable. */
  readonly level: GraphLevel | ''
  readonly inside: Place | undefined
  /** Groups that are opened. */
  readonly expanded: readonly string[]
  readonly isOnlyProblems: boolean
  /** Noise that is kept off the drawing. */
  readonly quiet: readonly NoiseKind[]
  readonly chips: readonly FilterChip[]
  /** The chips may hold with source and destination exchanged. */
  readonly isBothWays: boolean
  /** Expressions of the filter language; '' = none. `find` marks what matches, the others change what is drawn. */
  readonly find: string
  readonly hide: string
  readonly focus: string
  /** Draw everything, whatever the limits of a readable drawing. */
  readonly isUncapped: boolean
  /** Tab of the side panel; '' = its first. */
  readonly panel: PanelTab | ''
  /** Open part of the dock; '' = closed. */
  readonly dock: DockPart | ''
  /** A replay's moment within the window; '' = no replay. */
  readonly at: string
  /** The start of a window of the same length that this one is compared with; '' = none. */
  readonly against: string
}

export const DEFAULT_VIEW: GraphView = {
  from: 'now-15m',
  to: 'now',
  zone: '',
  dataset: '',
  cluster: '',
  namespaces: [],
  scope: 'ai',
  states: [],
  layout: 'graph',
  selected: '',
  level: '',
  inside: undefined,
  expanded: [],
  isOnlyProblems: false,
  quiet: [],
  chips: [],
  isBothWays: false,
  find: '',
  hide: '',
  focus: '',
  isUncapped: false,
  panel: '',
  dock: '',
  at: '',
  against: '',
}

/** A view of the same dataset, cluster and window that filters and selects nothing: what links to other pages begin with. */
export const windowOnly = ({ from, to, zone, dataset, cluster }: GraphView): GraphView => ({
  ...DEFAULT_VIEW,
  from,
  to,
  zone,
  dataset,
  cluster,
})

/** Of the parameters: a link without it was made before there were versions, and is read as version 2 is. */
const VERSION = '2'
const MAX_EXPRESSION = LIMITS.filterChars
const MAX_EXPANDED = 50

const DEFAULT_WINDOW_MS = 15 * 60_000
const DAY_MS = 86_400_000
const MAX_TEXT = 128

/** A link's parameters as a view: unknown or broken values fall back to the default, never to an error. */
export function parseGraphView(params: URLSearchParams): GraphView {
  const list = (key: string) => linkText(params.get(key)).split(',').filter(Boolean).slice(0, 50)
  const selected = params.get('sel') ?? ''
  // Grafana's own name for it is taken as well; its `browser` and `utc` are UTC here.
  const zone = params.get('tz') ?? params.get('timezone') ?? ''
  return {
    from: timeText(params.get('from')) ?? DEFAULT_VIEW.from,
    to: timeText(params.get('to')) ?? DEFAULT_VIEW.to,
    zone: isZone(zone) && zone.toUpperCase() !== 'UTC' ? zone : '',
    dataset: linkText(params.get('dataset'), 64),
    cluster: linkText(params.get('cluster'), 128),
    namespaces: list('ns'),
    scope: params.get('scope') === 'all' ? 'all' : 'ai',
    states: EDGE_STATES.filter((state) => list('state').includes(state)),
    layout: params.get('layout') === 'table' ? 'table' : 'graph',
    selected: /^(edge|node):(-?\d{1,20}|[gp][0-9a-f]{16})$/.test(selected) ? selected : '',
    level: GRAPH_LEVELS.find((level) => level === params.get('level')) ?? '',
    inside: placeOf(params.get('in') ?? ''),
    expanded: list('open')
      .filter((id) => /^g[0-9a-f]{16}$/.test(id))
      .slice(0, MAX_EXPANDED),
    isOnlyProblems: params.get('problems') === '1',
    quiet: NOISE_KINDS.filter((kind) => list('quiet').includes(kind)),
    chips: [
      ...textChip(params.get('q')),
      ...params
        .getAll('f')
        .slice(0, MAX_CHIPS)
        .flatMap((text) => parseChip(text) ?? []),
    ].slice(0, MAX_CHIPS),
    isBothWays: params.get('both') === '1',
    find: linkText(params.get('find'), MAX_EXPRESSION),
    hide: linkText(params.get('hide'), MAX_EXPRESSION),
    focus: linkText(params.get('focus'), MAX_EXPRESSION),
    isUncapped: params.get('cap') === '0',
    panel: PANEL_TABS.find((tab) => tab === params.get('panel')) ?? '',
    dock: DOCK_PARTS.find((part) => part === params.get('dock')) ?? '',
    at: timeText(params.get('at')) ?? '',
    against: timeText(params.get('against')) ?? '',
  }
}

/** Links from before there were chips carry a part of a name as `q`. */
function textChip(asked: string | null): readonly FilterChip[] {
  const part = linkText(asked, MAX_TEXT).trim()
  return part ? [chipOf('either', 'text', part)] : []
}

/** `cluster/namespace/workload`, each percent-encoded; what is missing at the end is not stepped into. */
function placeOf(asked: string): Place | undefined {
  const parts = asked.split('/')
  if (asked === '' || parts.length > 3) return undefined
  try {
    const [cluster = '', namespace, workload] = parts.map(decodeURIComponent)
    if ([cluster, namespace, workload].some((part) => part && (part.length > MAX_NAME_CHARS || part.includes('\0'))))
      return undefined
    return { cluster, ...(namespace && { namespace }), ...(namespace && workload && { workload }) }
  } catch {
    return undefined
  }
}

/** The cluster without a name alone is `/`: an empty text is no place. */
const placeText = ({ cluster, namespace, workload }: Place): string =>
  [cluster, namespace, workload].flatMap((part) => (part === undefined ? [] : encodeURIComponent(part))).join('/') ||
  '/'

/** The shortest parameters that open the same view again; defaults are not written. */
export function serializeGraphView(view: GraphView): URLSearchParams {
  const params = new URLSearchParams()
  const put = (key: string, value: string, fallback: string) => value !== fallback && params.set(key, value)
  put('from', view.from, DEFAULT_VIEW.from)
  put('to', view.to, DEFAULT_VIEW.to)
  put('tz', view.zone, '')
  put('dataset', view.dataset, '')
  put('cluster', view.cluster, '')
  put('ns', view.namespaces.join(','), '')
  put('scope', view.scope, 'ai')
  put('state', view.states.join(','), '')
  put('layout', view.layout, 'graph')
  put('sel', view.selected, '')
  put('level', view.level, '')
  put('in', view.inside ? placeText(view.inside) : '', '')
  put('open', view.expanded.join(','), '')
  put('problems', view.isOnlyProblems ? '1' : '', '')
  put('quiet', view.quiet.join(','), '')
  for (const chip of view.chips) params.append('f', chipText(chip))
  put('both', view.isBothWays ? '1' : '', '')
  put('find', view.find, '')
  put('hide', view.hide, '')
  put('focus', view.focus, '')
  put('cap', view.isUncapped ? '0' : '', '')
  put('panel', view.panel, '')
  put('dock', view.dock, '')
  put('at', view.at, '')
  put('against', view.against, '')
  if (params.size > 0) params.set('v', VERSION)
  return params
}

/** A view's window at a moment, in Unix milliseconds, at least a second long. */
export function viewWindow(view: Pick<GraphView, 'from' | 'to' | 'zone'>, nowMs: number): TimeRange {
  const { zone } = view
  const toMs = resolveTime(view.to, nowMs, { isEnd: true, zone }) ?? nowMs
  const fromMs = resolveTime(view.from, nowMs, { zone }) ?? toMs - DEFAULT_WINDOW_MS
  return { fromMs: Math.min(fromMs, toMs - 1000), toMs }
}

/** True where the window moves with the clock: its length is fixed, and it ends now. */
export const isMoving = ({ from, to }: Pick<GraphView, 'from' | 'to'>): boolean =>
  to === 'now' && from.startsWith('now') && !isRounded(from)

/**
 * What the view asks of the server at a moment. A window that ends at `now` moves; one with two fixed ends stays, and one that began
 * at a fixed time and ends at `now` grows: nothing is after now, so that its end may be later.
 */
export function toGraphQuery(view: GraphView, nowMs: number): GraphQuery {
  const { fromMs, toMs } = viewWindow(view, nowMs)
  const isGrowing = view.to === 'now' && !isMoving(view)
  return {
    dataset: view.dataset,
    windowMs: toMs - fromMs,
    ...(isMoving(view) ? {} : { toMs: isGrowing ? endOfGrowth(toMs) : toMs, fromMs }),
    ...(view.cluster && { cluster: view.cluster }),
    namespaces: view.namespaces,
    scope: view.scope,
    states: view.states,
    ...(view.level && { level: view.level }),
    ...(view.inside && { inside: view.inside }),
    ...(view.expanded.length > 0 && { expanded: view.expanded }),
    ...(view.isOnlyProblems && { isOnlyProblems: true }),
    ...(view.quiet.length > 0 && { quiet: view.quiet }),
    ...(view.chips.some((chip) => !chip.isDisabled) && { chips: view.chips.filter((chip) => !chip.isDisabled) }),
    ...(view.isBothWays && { isBothWays: true }),
    ...(view.hide && { hide: view.hide }),
    ...(view.focus && { focus: view.focus }),
    ...(view.isUncapped && { isUncapped: true }),
  }
}

/** One for all who look within a day, at least a day from now: a page that is open longer asks again. */
const endOfGrowth = (nowMs: number): number => (Math.floor(nowMs / DAY_MS) + 2) * DAY_MS

/** The dataset and the half-open window, in Unix milliseconds, that a link's parameters mean at a moment. */
export function windowOf(
  params: URLSearchParams,
  nowMs: number,
): { readonly dataset: string; readonly window: TimeRange } {
  const view = parseGraphView(params)
  return { dataset: view.dataset, window: viewWindow(view, nowMs) }
}

const timeText = (text: string | null): string | undefined => (text !== null && isTimeText(text) ? text : undefined)
