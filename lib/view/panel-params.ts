import type { ConnectionCursor } from '@/lib/model/edge-detail'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import type { HistorySpan } from '@/lib/model/panel-history'
import type { Outcome } from '@/lib/model/verdict'

/** Outcomes by which a panel lists flow records. */
const LISTED_OUTCOMES = ['denied', 'dropped', 'error', 'allowed', 'observed'] as const satisfies readonly Outcome[]

/** How far back a history is asked for; a day where the address says nothing that is known. */
export const historySpanOf = (params: URLSearchParams): HistorySpan => (params.get('span') === '7d' ? '7d' : '24h')

/** Records of which outcome are asked for; undefined = of any. */
export const outcomeOf = (params: URLSearchParams): Outcome | undefined =>
  LISTED_OUTCOMES.find((outcome) => outcome === params.get('outcome'))

/** Connections judged how are asked for; undefined = any. */
export const doorStateOf = (params: URLSearchParams): DoorState | undefined =>
  DOOR_STATES.find((state) => state === params.get('door'))

/** A cursor in an address. */
export const connectionCursorText = ({ after, window }: ConnectionCursor): string =>
  [after.isViolation ? 1 : 0, after.firstUs, after.id, window.fromMs, window.toMs].join('_')

/** The cursor of an address; undefined where it is none. */
export function readConnectionCursor(text: string): ConnectionCursor | undefined {
  const [, isViolation, firstUs, id, from, to] =
    /^([01])_(\d{1,17})_(-?\d{1,19})_(\d{1,14})_(\d{1,14})$/.exec(text) ?? []
  if (firstUs === undefined || id === undefined || BigInt.asIntN(64, BigInt(id)) !== BigInt(id)) return undefined
  const window = { fromMs: Number(from), toMs: Number(to) }
  return window.fromMs < window.toMs ? { after: { isViolation: isViolation === '1', firstUs, id }, window } : undefined
}
