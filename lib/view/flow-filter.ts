import type { Observer } from '@/lib/model/flow'
import { ALL_FLOWS, type FlowCursor, type FlowFilter } from '@/lib/model/flow-list'
import type { Outcome, Pending } from '@/lib/model/verdict'
import { type GraphView, serializeGraphView } from './graph-view'
import { linkText } from './link-text'

export const OUTCOMES: readonly Outcome[] = ['allowed', 'denied', 'dropped', 'error', 'observed', 'unknown']
export const PENDING: readonly Pending[] = ['would_deny', 'would_allow', 'same', 'unknown']
export const OBSERVERS: readonly Observer[] = ['client', 'server', 'gateway', 'unknown']

const MAX_VALUES = 20
const MAX_TEXT = 64
/** Of a pod's name: that of a DNS subdomain. */
const MAX_POD = 253

/** The filter of a link's parameters, which stand beside those of the view; what is broken falls away. */
export function parseFlowFilter(params: URLSearchParams): FlowFilter {
  const list = (key: string) => linkText(params.get(key)).split(',').filter(Boolean).slice(0, MAX_VALUES)
  return {
    outcomes: OUTCOMES.filter((outcome) => list('outcome').includes(outcome)),
    pending: PENDING.filter((pending) => list('pending').includes(pending)),
    observers: OBSERVERS.filter((observer) => list('observer').includes(observer)),
    // In the sources' words, commas too: a parameter each.
    reasons: params
      .getAll('reason')
      .map((reason) => linkText(reason))
      .filter((reason) => reason !== '' && reason.length <= MAX_TEXT)
      .slice(0, MAX_VALUES),
    ports: list('port').flatMap((text) => (/^\d{1,5}$/.test(text) ? [Number(text)] : [])),
    pod: linkText(params.get('pod'), MAX_POD).trim(),
    methods: list('method').flatMap((text) => (/^[A-Za-z]{1,16}$/.test(text) ? [text.toUpperCase()] : [])),
    statuses: list('status').flatMap((text) => (/^[1-5](\d\d|xx)$/i.test(text) ? [text.toLowerCase()] : [])),
  }
}

/** The shortest parameters that give the same filter. */
export function putFlowFilter(params: URLSearchParams, filter: FlowFilter): URLSearchParams {
  const { outcomes, pending, observers, reasons, ports, pod, methods, statuses } = filter
  const all = {
    outcome: outcomes,
    pending,
    observer: observers,
    port: ports,
    method: methods,
    status: statuses,
  }
  for (const [key, values] of Object.entries(all)) if (values.length > 0) params.set(key, values.join(','))
  for (const reason of reasons) params.append('reason', reason)
  if (pod) params.set('pod', pod)
  return params
}

/** How many parts of a filter are set. */
export const filterSize = (filter: FlowFilter): number =>
  [...putFlowFilter(new URLSearchParams(), filter).keys()].length

/** What the server is asked with for the records of a view: what changes nothing of the answer is left out, so that equal questions are equal. */
export function flowParams(view: GraphView, filter: FlowFilter = ALL_FLOWS): string {
  const asked = serializeGraphView({
    ...view,
    layout: 'graph',
    find: '',
    panel: '',
    dock: '',
    at: '',
    against: '',
    isUncapped: false,
  })
  return putFlowFilter(asked, filter).toString()
}

/** A cursor in an address. */
export const flowCursorText = ({ after, window }: FlowCursor): string =>
  [after.startNs, after.recordKey, window.fromMs, window.toMs].join('_')

/** The cursor of an address; undefined where it is none. */
export function readFlowCursor(text: string): FlowCursor | undefined {
  const [, startNs, recordKey, from, to] = /^(\d{1,19})_(-?\d{1,19})_(\d{1,14})_(\d{1,14})$/.exec(text) ?? []
  if (startNs === undefined || recordKey === undefined) return undefined
  if (!isInt64(startNs) || !isInt64(recordKey)) return undefined
  const window = { fromMs: Number(from), toMs: Number(to) }
  return window.fromMs < window.toMs ? { after: { startNs, recordKey }, window } : undefined
}

const isInt64 = (text: string): boolean => BigInt.asIntN(64, BigInt(text)) === BigInt(text)
