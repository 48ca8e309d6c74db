import type { Mismatch } from '@/lib/model/mismatch'
import { formatCount } from './format'

export const MISMATCH_WORD: Readonly<Record<Mismatch['kind'], string>> = {
  calls_without_span: 'Calls without a span',
  spans_without_flow: 'Spans without a flow',
}

/** What does not fit together, in one sentence with both figures. */
export function mismatchSentence({ kind, client, provider, connections, calls, unnamed }: Mismatch): string {
  if (kind === 'calls_without_span')
    return `${client} → ${provider}: ${formatCount(connections)} connections by flow records, ${formatCount(calls)} calls by spans.`
  const others = unnamed
    ? ` ${formatCount(unnamed)} connections of it go to addresses without a name, and may be these.`
    : ''
  return `${client} → ${provider}: ${formatCount(calls)} calls by spans, no connection by flow records.${others}`
}

/** What usually is behind it. */
export const MISMATCH_CAUSES: Readonly<Record<Mismatch['kind'], readonly string[]>> = {
  calls_without_span: [
    'The workload is not traced, or only some of its pods are.',
    'Its spans go to another collector, or come under another name of the workload or of the cluster.',
    'Spans are sampled, and hardly any of these calls was kept.',
  ],
  spans_without_flow: [
    'The flow source is silent on the node, or does not tell of allowed traffic.',
    'The spans name another cluster than the flows do.',
    'The call goes through a proxy: the flow ends there, and the proxy makes the call.',
  ],
}
