import { type DemoSpan, demoConnections } from './connections'
import { conntrackLines } from './conntrack-lines'
import { linesOf } from './hubble-lines'

/** One HTTP request of the demo cluster, as its agents would send it. */
export interface DemoBatch {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly atMs: number
}

const LINES_PER_BATCH = 2000

/**
 * What the demo cluster sends for `[startMs, endMs)`: genuine wire formats, and the same bytes for the same seed and times.
 * Calls are allowed by a policy, by default, or denied; AI egress leaves by the sanctioned NAT, by another one (a violation,
 * proven by conntrack of both hops), or by a way that nobody logs.
 */
export function demoBatches(span: DemoSpan): DemoBatch[] {
  const connections = demoConnections(span)
  const batches: DemoBatch[] = []
  for (const lines of inPieces(connections.flatMap(linesOf)))
    batches.push(batchOf('/api/ingest/hubble', 'application/x-ndjson', lines, span.endMs))
  for (const { hop, lines } of conntrackLines(connections))
    for (const piece of inPieces(lines))
      batches.push(batchOf(`/api/ingest/nat/conntrack?hop=${hop}`, 'text/plain', piece, span.endMs))
  return batches
}

function inPieces(lines: readonly string[]): (readonly string[])[] {
  const pieces: (readonly string[])[] = []
  for (let from = 0; from < lines.length; from += LINES_PER_BATCH)
    pieces.push(lines.slice(from, from + LINES_PER_BATCH))
  return pieces
}

const batchOf = (path: string, type: string, lines: readonly string[], atMs: number): DemoBatch => ({
  path,
  headers: { 'content-type': type, 'x-postern-cluster': 'demo' },
  body: new TextEncoder().encode(`${lines.join('\n')}\n`),
  atMs,
})
