import { type DemoSpan, demoConnections } from './connections'
import { conntrackLines } from './conntrack-lines'
import { goldmaneLines } from './goldmane-lines'
import { linesOf } from './hubble-lines'
import { labLines } from './lab-lines'
import { otlpTraces } from './otlp-traces'
import { SCENARIOS, type Scenario } from './scenarios'

/** One HTTP request of the demo clusters, as their agents would send it. */
export interface DemoBatch {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly atMs: number
}

const LINES_PER_BATCH = 2000
/** What goes on while the demo runs: a silent source is one that only its history tells of. */
export const LIVE_SCENARIOS: readonly Scenario[] = SCENARIOS.filter((scenario) => scenario !== 'silent-source')

/**
 * What the demo clusters send for `[startMs, endMs)`: genuine wire formats (Hubble, Goldmane, conntrack of two hops, OTLP),
 * and the same bytes for the same seed, times and scenarios.
 */
export function demoBatches(span: DemoSpan): DemoBatch[] {
  const connections = demoConnections(span)
  const batches: DemoBatch[] = []
  const add = (path: string, type: string, cluster: string, lines: readonly string[]) => {
    for (const piece of inPieces(lines)) batches.push(batchOf(path, type, cluster, piece, span.endMs))
  }
  add('/api/ingest/hubble', 'application/x-ndjson', 'demo', connections.flatMap(linesOf))
  for (const { hop, lines } of conntrackLines(connections))
    add(`/api/ingest/nat/conntrack?hop=${hop}`, 'text/plain', 'demo', lines)
  add('/api/ingest/calico', 'application/x-ndjson', 'demo-calico', goldmaneLines(span))
  add('/api/ingest/hubble', 'application/x-ndjson', 'demo-lab', labLines(span))
  const traces = otlpTraces(connections)
  if (traces) add('/v1/traces', 'application/json', 'demo', [traces])
  return batches
}

function inPieces(lines: readonly string[]): (readonly string[])[] {
  const pieces: (readonly string[])[] = []
  for (let from = 0; from < lines.length; from += LINES_PER_BATCH)
    pieces.push(lines.slice(from, from + LINES_PER_BATCH))
  return pieces
}

const batchOf = (path: string, type: string, cluster: string, lines: readonly string[], atMs: number): DemoBatch => ({
  path,
  headers: { 'content-type': type, 'x-postern-cluster': cluster },
  body: new TextEncoder().encode(`${lines.join('\n')}\n`),
  atMs,
})
