import type { EdgeVariant, GraphEdge } from '@/lib/model/graph'

/** What an edge carried, for orders and shares: connections, requests and records, and the calls of traces where nothing else speaks. */
export function volumeOf({ counters }: GraphEdge): number {
  const seen = counters.connections + counters.requests + counters.events
  return seen > 0 ? seen : counters.spans
}

/** Bytes of both directions. */
export const bytesOf = ({ counters }: Pick<GraphEdge, 'counters'>): number =>
  counters.bytesSent + counters.bytesReceived

type Counted = Pick<EdgeVariant, 'layer'> & {
  readonly counters: Pick<EdgeVariant['counters'], 'requests' | 'connections'>
}

/** What a verdict is said of: connections at layer 4, requests at layer 7, never both. */
export const unitsOf = ({ layer, counters }: Counted): number =>
  layer === 'L7' ? counters.requests : counters.connections
