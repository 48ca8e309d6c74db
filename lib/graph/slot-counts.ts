import type { VariantRow } from '@/lib/model/graph-input'
import { countersOf } from './build-graph'
import { combineVerdicts } from './combine-verdicts'

/** What the variants of one edge say of a stretch of time together. */
export interface SlotCounts {
  /** Connections; records seen where no connection was counted at all. Requests are counted with them at layer 7 as on an edge. */
  readonly passed: number
  readonly denied: number
  readonly dropped: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** Counts of an edge in a stretch by the rules of its state: the observers' counters are never summed, the larger counts. */
export function slotCounts(variants: readonly VariantRow[]): SlotCounts {
  const { passed, denied, dropped } = combineVerdicts(variants)
  // Most sources count no bytes.
  const hasBytes = variants.some(({ counters }) => counters.bytesSent > 0 || counters.bytesReceived > 0)
  const { bytesSent, bytesReceived } = hasBytes ? countersOf(variants) : NO_BYTES
  const seen = passed + denied + dropped > 0 ? passed : countersOf(variants.filter(hasPassed)).events
  return { passed: seen, denied, dropped, bytesSent, bytesReceived }
}

const NO_BYTES = { bytesSent: 0, bytesReceived: 0 }

const hasPassed = ({ outcome }: VariantRow): boolean => outcome === 'allowed' || outcome === 'observed'
