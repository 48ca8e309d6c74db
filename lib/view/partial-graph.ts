import type { SourceCoverage } from '@/lib/model/coverage'
import type { UnixMillis } from '@/lib/model/units'
import { counted, formatAgo } from './format'

/** Something that the graph rests on and that did not tell everything. */
export interface MissingPart {
  readonly kind: 'silent' | 'lossy' | 'refused'
  readonly text: string
  /** What that leaves out of the graph. */
  readonly missing: string
  /** When its silence began: what was said last. */
  readonly sinceMs?: UnixMillis
}

const NAME: Readonly<Record<SourceCoverage['source'], string>> = {
  hubble: 'Hubble',
  calico: 'Calico',
  otlp: 'OpenTelemetry',
  nat: 'NAT evidence',
  dns: 'DNS',
  kubernetes: 'Kubernetes inventory',
}
const MISSING: Readonly<Record<SourceCoverage['source'], string>> = {
  hubble: 'edges and verdicts',
  calico: 'edges and verdicts',
  otlp: 'calls, models and tokens',
  nat: 'proof of doors',
  dns: 'names of addresses',
  kubernetes: 'owners, addresses and policies',
}
/** Flows first: without them there is no edge. */
const ORDER: readonly SourceCoverage['source'][] = ['hubble', 'calico', 'otlp', 'nat', 'dns', 'kubernetes']
/** What was last heard before that is gone, not silent: the coverage line still names it. */
const GONE_AFTER_MS = 24 * 3_600_000

/**
 * What of a live graph is missing now: sources of the view's cluster ('' = all) that are silent, that lost records in the window,
 * or of which everything was refused. A silence that began after the window ended takes nothing away from it.
 */
export function missingParts(
  coverage: readonly SourceCoverage[],
  { cluster, windowEndMs, nowMs }: { readonly cluster: string; readonly windowEndMs: number; readonly nowMs: number },
): MissingPart[] {
  return coverage
    .filter((source) => !cluster || source.cluster === cluster)
    .flatMap((source) => missingOf(source, windowEndMs, nowMs).map((part) => ({ source: source.source, part })))
    .sort((a, b) => ORDER.indexOf(a.source) - ORDER.indexOf(b.source))
    .map(({ part }) => part)
}

function missingOf(source: SourceCoverage, windowEndMs: number, nowMs: number): MissingPart[] {
  const name = `${NAME[source.source]} of ${source.cluster}${source.hop ? ` at ${source.hop}` : ''}`
  const missing = MISSING[source.source]
  const { lastReceivedMs: lastMs, lostInWindow, gapsInWindow } = source
  if (source.isSilent && lastMs !== undefined) {
    if (nowMs - lastMs > GONE_AFTER_MS || lastMs >= windowEndMs) return []
    return [
      {
        kind: 'silent',
        text: `${name} has been silent since ${clock(lastMs)} (${formatAgo(nowMs - lastMs)})`,
        missing,
        sinceMs: lastMs,
      },
    ]
  }
  if (gapsInWindow > 0)
    return [
      {
        kind: 'lossy',
        text:
          lostInWindow > 0
            ? `${name} lost ${counted(lostInWindow, 'record', 'records')}`
            : `${name} has ${counted(gapsInWindow, 'gap', 'gaps')}`,
        missing,
      },
    ]
  if (source.rejectedInWindow > 0 && source.acceptedInWindow + source.duplicatesInWindow === 0)
    return [{ kind: 'refused', text: `everything that ${name} sends is rejected`, missing }]
  return []
}

/** To the minute, in UTC as every time of a sentence here. */
const clock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 16)} UTC`
