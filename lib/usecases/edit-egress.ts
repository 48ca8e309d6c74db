import 'server-only'
import { isExpired } from '@/lib/egress/in-force'
import type { EgressDiff, EgressEntry, EgressKind } from '@/lib/model/egress-entry'
import { changeEgressEntries, type EgressEntryRow, loadEgressEntries } from '@/lib/store/egress-entries'
import { refreshEgressConfig, sentence } from './egress-config'
import { entriesOf, inputOf, revisionOf } from './egress-rows'
import { demandPlan, type EgressChange, planEgressChange, readOnlyReason } from './plan-egress-change'

/** Who changes an entry, and what they know of it. */
export interface EgressEdit {
  /** As the audit log names them. */
  readonly actor: string
  /** Default `api`. */
  readonly origin?: 'api' | 'ui'
  /** The revision that the change was made from, null for a new entry; absent: whatever is there is replaced. */
  readonly expected?: string | null
}

/**
 * Puts one entry in force, in the form that the config file has for it, and has connections judged again. Answers warnings. Errors:
 * `bad_request` with every problem; `conflict` where the entry comes from the file, the environment or a document, or where it
 * is not any more what `expected` says.
 */
export async function putEgressEntry(
  kind: EgressKind,
  name: string,
  entry: object,
  { actor, origin = 'api', expected }: EgressEdit,
): Promise<string[]> {
  const change = { what: 'put', kind, name, entry, origin, ...(expected !== undefined && { expected }) } as const
  return (await applyEgressChange(change, actor)).warnings
}

/**
 * Takes one entry out of force. Errors: `not_found`; `conflict` where it comes from the file, the environment or a document, a rule
 * still names it, or it is not any more what `expected` says.
 */
export async function removeEgressEntry(
  kind: EgressKind,
  name: string,
  { actor, expected }: EgressEdit,
): Promise<void> {
  await applyEgressChange({ what: 'remove', kind, name, ...(expected !== undefined && { expected }) }, actor)
}

/**
 * Applies a change whole or not at all, with a row of the audit log for each entry that it changes, and puts the result in force. A
 * change of nothing writes nothing. Errors as of its kind.
 */
export async function applyEgressChange(
  change: EgressChange,
  actor: string,
): Promise<{ readonly diff: readonly EgressDiff[]; readonly warnings: string[] }> {
  const { diff, warnings } = await changeEgressEntries((rows) =>
    demandPlan(planEgressChange(rows, change, actor, Date.now())),
  )
  await refreshEgressConfig()
  return { diff, warnings: warnings.map(sentence) }
}

/** Every entry with its revision, and why it cannot be changed here: expired rules too. */
export async function listEgressEntries(nowMs: number): Promise<{ readonly entries: EgressEntry[] }> {
  return { entries: (await loadEgressEntries()).map((row) => entryOf(row, nowMs)) }
}

function entryOf(row: EgressEntryRow, nowMs: number): EgressEntry {
  const { kind, name, origin, document } = row
  const readOnly = readOnlyReason(row)
  const [rule] = entriesOf([row]).rules
  return {
    kind,
    name,
    origin,
    ...(document !== undefined && { document }),
    revision: revisionOf(row),
    isExpired: rule !== undefined && isExpired(rule, nowMs),
    ...(readOnly && { readOnly }),
    entry: inputOf(row) as EgressEntry['entry'],
  }
}
