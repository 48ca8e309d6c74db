import type { DoorSummary, EgressObservation } from '@/lib/model/egress'
import type { UnixMillis } from '@/lib/model/units'
import { explainDoor, type FormatTime, seenSentence } from './explain'

export interface SpokenCell {
  readonly workload: string
  readonly cluster: string
  readonly provider: string
  readonly hosts: readonly string[]
  readonly door: DoorSummary
  /** What saw the connections that decide the state, from the first to the last of them. */
  readonly seen?: {
    readonly kind: EgressObservation['kind']
    readonly hop?: string
    readonly fromMs: UnixMillis
    readonly toMs: UnixMillis
  }
}

const HOSTS_SAID = 3

/**
 * A cell in plain words: who, verdict, reason, addresses, where it was seen, from when to when. "agents / planner (cluster demo) →
 * OpenAI (api.openai.com): 3 of 25 connections left by 203.0.113.66, not by nat-a (203.0.113.10). … Seen in the log of hop nat-gw, …"
 */
export function explainCell(
  { workload, cluster, provider, hosts, door, seen }: SpokenCell,
  formatTime: FormatTime,
): string {
  const named = hosts.slice(0, HOSTS_SAID).join(', ')
  const more = hosts.length > HOSTS_SAID ? ` and ${hosts.length - HOSTS_SAID} more` : ''
  const subject = `${workload} (cluster ${cluster}) → ${provider}${named ? ` (${named}${more})` : ''}`
  const where = seen
    ? ` ${seenSentence({ kind: seen.kind, atMs: seen.fromMs, endMs: seen.toMs, ...(seen.hop && { hop: seen.hop }) }, formatTime)}`
    : ''
  return `${subject}: ${explainDoor(door)}${where}`
}
