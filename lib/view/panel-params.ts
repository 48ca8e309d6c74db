import type { HistorySpan } from '@/lib/model/panel-history'
import type { Outcome } from '@/lib/model/verdict'

/** Outcomes by which a panel lists flow records. */
const LISTED_OUTCOMES = ['denied', 'dropped', 'error', 'allowed', 'observed'] as const satisfies readonly Outcome[]

/** How far back a history is asked for; a day where the address says nothing that is known. */
export const historySpanOf = (params: URLSearchParams): HistorySpan => (params.get('span') === '7d' ? '7d' : '24h')

/** Records of which outcome are asked for; undefined = of any. */
export const outcomeOf = (params: URLSearchParams): Outcome | undefined =>
  LISTED_OUTCOMES.find((outcome) => outcome === params.get('outcome'))
