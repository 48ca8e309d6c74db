import type { EdgeDifference, SourceSilence } from '@/lib/model/comparison'
import type { EdgeChange } from '@/lib/model/graph'
import type { FrameGrid, KeptSince, TimelineMark } from '@/lib/model/timeline'
import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { formatBytes, formatCount, formatDuration } from './format'

/** Two digits at least. */
const two = (value: number): string => String(value).padStart(2, '0')

/** A moment on the reader's clock: with seconds where they say something, with the day where it is not `nearMs`'s. */
export function clockText(atMs: number, nearMs: number, withSeconds = true): string {
  const [at, near] = [new Date(atMs), new Date(nearMs)]
  const time = `${two(at.getHours())}:${two(at.getMinutes())}${withSeconds ? `:${two(at.getSeconds())}` : ''}`
  if (at.toDateString() === near.toDateString()) return time
  const year = at.getFullYear() === near.getFullYear() ? '' : `${at.getFullYear()}-`
  return `${year}${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

/** Both ends of a stretch on the reader's clock. */
export function stretchText(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  nearMs: number,
): string {
  const withSeconds = fromMs % 60_000 !== 0 || toMs % 60_000 !== 0
  return `${clockText(fromMs, nearMs, withSeconds)}–${clockText(toMs, fromMs, withSeconds)}`
}

const POLICY_VERB: Readonly<Record<Extract<TimelineMark, { kind: 'policy' }>['change'], string>> = {
  created: 'was created',
  changed: 'was changed',
  deleted: 'was deleted',
  known: 'became known; it may have been so before',
}
const HAPPENED: Readonly<Record<string, string>> = {
  opened: 'opened',
  reopened: 'came back',
  escalated: 'grew worse',
  resolved: 'resolved',
  stale: 'lost its evidence',
}

/** What happened, as a sentence without its time. */
export function markSentence(mark: TimelineMark): string {
  switch (mark.kind) {
    case 'deny':
      return `${mark.client} → ${mark.server}, port ${mark.serverPort}: first denial of the window.`
    case 'policy': {
      const where = mark.namespace ? `${mark.namespace}/${mark.name}` : mark.name
      return `${mark.policyKind} ${where}${mark.tier ? ` (tier ${mark.tier})` : ''} ${POLICY_VERB[mark.change]}.`
    }
    case 'finding':
      return `Finding ${HAPPENED[mark.event] ?? mark.event}: ${mark.title}`
    case 'incident':
      return `Incident ${HAPPENED[mark.event] ?? mark.event}: ${mark.title}`
  }
}

/** Who did not tell of a stretch, and what of: `hubble prod said nothing`. */
export function silenceWords({ source, cluster, hop, kind, lost, reason }: SourceSilence): string {
  const name = `${source} ${cluster}${hop ? `/${hop}` : ''}`
  if (kind === 'silent') return `${name} said nothing`
  if (kind === 'unheard') return `${name} had not been heard of`
  const records = lost === undefined ? 'records, it does not say how many' : `${formatCount(lost)} records`
  return `${name} lost ${records}${reason ? ` (${reason})` : ''}`
}

/** What a window lacks because nothing finer, or nothing at all, is kept; undefined where all is there. */
export function keptWords(
  { fromMs }: { readonly fromMs: number },
  kept: KeptSince,
  nearMs: number,
): string | undefined {
  const { hoursMs, minutesMs, slotsMs } = kept
  if (hoursMs !== undefined && fromMs < hoursMs)
    return `Nothing is kept from before ${clockText(hoursMs, nearMs, false)}.`
  if (minutesMs !== undefined && fromMs < minutesMs)
    return `Before ${clockText(minutesMs, nearMs, false)} only sums per hour are kept.`
  if (slotsMs !== undefined && fromMs < slotsMs)
    return `Before ${clockText(slotsMs, nearMs, false)} only sums per minute are kept.`
  return undefined
}

/** The length of a frame. */
export const frameWords = ({ stepMs }: Pick<FrameGrid, 'stepMs'>): string =>
  stepMs % 86_400_000 === 0
    ? `${stepMs / 86_400_000} d`
    : stepMs % 3600_000 === 0
      ? `${stepMs / 3600_000} h`
      : formatDuration(stepMs).replace('.0', '')

export const CHANGE_WORD: Readonly<Record<EdgeChange, string>> = {
  verdict: 'Verdict changed',
  added: 'Only in this window',
  removed: 'Only in the other window',
  volume: 'Volume changed',
}

/** What changed on an edge, without its name. */
export function differenceWords({ kind, before, after, factor, unit }: EdgeDifference): string {
  const times = factor === undefined ? '' : volumeWords(factor, unit ?? 'connections')
  if (kind === 'verdict' && before && after)
    return `${EDGE_STATE_WORD[before.state]} → ${EDGE_STATE_WORD[after.state]}${times ? `, ${times}` : ''}`
  if (kind === 'volume' && before && after) {
    const of = (sums: typeof before) =>
      unit === 'bytes'
        ? formatBytes(sums.counters.bytesSent + sums.counters.bytesReceived)
        : formatCount(sums.counters[unit ?? 'connections'])
    return `${times}: ${of(before)} → ${of(after)}`
  }
  const sums = after ?? before
  if (!sums) return ''
  return `${EDGE_STATE_WORD[sums.state]}, ${formatCount(sums.passed)} passed, ${formatCount(sums.denied)} denied`
}

const volumeWords = (factor: number, unit: string): string =>
  factor >= 1 ? `${figure(factor)} × the ${unit}` : `1/${figure(1 / factor)} of the ${unit}`

const figure = (value: number): string =>
  value >= 10 ? formatCount(Math.round(value)) : String(Math.round(value * 10) / 10)

/** Why a difference may be none; undefined where every source of the edge covered both windows. */
export function uncoveredWords({ kind, uncovered }: EdgeDifference): string | undefined {
  const [first] = uncovered
  if (!first) return undefined
  const more = uncovered.length > 1 ? ` and ${uncovered.length - 1} more` : ''
  const said = `${silenceWords(first)} ${stretchText(first, first.fromMs)}${more}`
  if (kind === 'added') return `Not seen in the other window, which proves nothing: ${said}.`
  if (kind === 'removed') return `Not seen in this window, which proves nothing: ${said}.`
  return `Not sure: ${said}.`
}
