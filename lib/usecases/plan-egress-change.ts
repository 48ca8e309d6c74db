import 'server-only'
import { parseEgressConfig } from '@/lib/egress/config'
import type { ConfigIssue } from '@/lib/egress/config-issue'
import type { OtherEntry } from '@/lib/egress/config-others'
import { isExpired } from '@/lib/egress/in-force'
import { AppError } from '@/lib/errors'
import type { AuditEntry } from '@/lib/model/audit'
import { EGRESS_KINDS, type EgressDiff, type EgressKind } from '@/lib/model/egress-entry'
import { LIMITS } from '@/lib/model/limits'
import type { EgressEntryRow, EgressKey, EgressWrites } from '@/lib/store/egress-entries'
import { sentence } from './egress-config'
import { entriesOf, inputOf, revisionOf, rowsOf } from './egress-rows'
import { providerCatalogue } from './provider-catalogue'

/** A change that somebody wants. */
export type EgressChange =
  /** `expected`: the revision that it was made from; null where the entry must be new; undefined where that does not matter. */
  | {
      readonly what: 'put'
      readonly kind: EgressKind
      readonly name: string
      readonly entry: object
      readonly origin: 'api' | 'ui'
      readonly expected?: string | null
    }
  | { readonly what: 'remove'; readonly kind: EgressKind; readonly name: string; readonly expected?: string | null }
  /** All that a document holds: what it held before and does not name any more goes. */
  | { readonly what: 'document'; readonly name: string; readonly text: string }

/** What a change would write. */
export interface EgressPlan extends EgressWrites {
  /** All entries as they are afterwards. */
  readonly rows: readonly EgressEntryRow[]
  readonly diff: readonly EgressDiff[]
  readonly warnings: readonly ConfigIssue[]
}

/** Why a change is refused: with the issues of its text, each at its place. */
export interface Refusal {
  readonly code: 'bad_request' | 'conflict' | 'not_found'
  readonly issues: readonly ConfigIssue[]
  readonly hint?: string
}

/** Where an entry of a kind stands in the config file. */
const LIST: Readonly<Record<EgressKind, string>> = {
  point: 'egressPoints',
  path: 'paths',
  rule: 'egressRules',
  'denied-provider': 'denyProviders',
}

/** What a change of these entries would write, or why it is refused. Pure but for its checks' catalogue: preview and saving both ask it. */
export function planEgressChange(
  rows: readonly EgressEntryRow[],
  change: EgressChange,
  actor: string,
  nowMs: number,
): EgressPlan | Refusal {
  if (change.what === 'remove') return planRemoval(rows, change, actor)
  return change.what === 'put' ? planPut(rows, change, actor, nowMs) : planDocument(rows, change, actor, nowMs)
}

export const isRefusal = (plan: EgressPlan | Refusal): plan is Refusal => 'code' in plan

/** The plan, or the refusal as an error with every issue in its words. */
export function demandPlan(plan: EgressPlan | Refusal): EgressPlan {
  if (!isRefusal(plan)) return plan
  const errors = plan.issues.filter(({ severity }) => severity === 'error')
  throw new AppError(plan.code, errors.map(sentence).join('; '), { ...(plan.hint && { hint: plan.hint }) })
}

type Put = Extract<EgressChange, { what: 'put' }>
type Removal = Extract<EgressChange, { what: 'remove' }>
type Document = Extract<EgressChange, { what: 'document' }>

function planPut(rows: readonly EgressEntryRow[], change: Put, actor: string, nowMs: number): EgressPlan | Refusal {
  const { kind, name, entry, origin } = change
  const text = JSON.stringify({ [LIST[kind]]: [kind === 'denied-provider' ? name : { ...entry, name }] })
  const known = rows.find((row) => isKey(row, change))
  const others = rows.filter((row) => row !== known)
  const { entries, issues } = parseEgressConfig(text, {
    origin,
    catalogue: providerCatalogue().catalogue,
    knownPoints: pointNames(rows),
    // Names cannot collide here: the entry takes the place of its like.
    others: othersOf(others, nowMs),
  })
  const inPlace = issues.map(({ line: _, ...issue }) => issue)
  if (!entries) return refusalOf(inPlace)
  const refusal = refuseOwned(known) ?? refuseStale(known, change)
  if (refusal) return refusal
  const [put] = rowsOf(entries).map((row) => ({ ...row, origin }))
  return put
    ? planOf(rows, [put], [], inPlace, actor)
    : refusalOf([{ severity: 'error', path: '', message: 'The entry is empty.' }])
}

function planRemoval(rows: readonly EgressEntryRow[], change: Removal, actor: string): EgressPlan | Refusal {
  const known = rows.find((row) => isKey(row, change))
  const refusal = refuseOwned(known) ?? refuseStale(known, change)
  if (refusal) return refusal
  if (!known) return { code: 'not_found', issues: [issueOf('no such entry')] }
  return refuseDangling(rows, [known]) ?? planOf(rows, [], [known], [], actor)
}

function planDocument(
  rows: readonly EgressEntryRow[],
  { name, text }: Document,
  actor: string,
  nowMs: number,
): EgressPlan | Refusal {
  const held = rows.filter((row) => row.document === name)
  const others = rows.filter((row) => row.document !== name)
  const { entries, issues } = parseEgressConfig(text, {
    origin: 'api',
    catalogue: providerCatalogue().catalogue,
    knownPoints: pointNames(others),
    others: othersOf(others, nowMs),
  })
  if (!entries) return refusalOf(issues)
  const put = uniqueOf(rowsOf(entries)).map((row) => ({ ...row, origin: 'api' as const, document: name }))
  const named = new Set(put.map(keyText))
  const removed = held.filter((row) => !named.has(keyText(row)))
  return refuseDangling(others, removed) ?? planOf(rows, put, removed, issues, actor)
}

/** A provider may be denied twice in one text; it is one entry. */
const uniqueOf = (rows: readonly EgressEntryRow[]): EgressEntryRow[] => [
  ...new Map(rows.map((row) => [keyText(row), row])).values(),
]

const keyText = ({ kind, name }: EgressKey): string => `${kind}/${name}`
const isKey = (row: EgressKey, { kind, name }: EgressKey): boolean => row.kind === kind && row.name === name
const pointNames = (rows: readonly EgressEntryRow[]): string[] =>
  rows.filter(({ kind }) => kind === 'point').map(({ name }) => name)
const issueOf = (message: string): ConfigIssue => ({ severity: 'error', path: '', message })

function refusalOf(issues: readonly ConfigIssue[]): Refusal {
  const errors = issues.filter(({ severity }) => severity === 'error')
  return { code: errors.every(({ isConflict }) => isConflict) ? 'conflict' : 'bad_request', issues }
}

/** Entries of a start or of a document are changed where they come from. */
function refuseOwned(known: EgressEntryRow | undefined): Refusal | undefined {
  const why = known && readOnlyReason(known)
  if (!known || why === undefined) return undefined
  return {
    code: 'conflict',
    issues: [issueOf(`${known.kind} ${known.name} ${ownerOf(known)}`)],
    hint: `${why} Or choose another name.`,
  }
}

/** Why an entry cannot be changed by itself, with what to do; undefined where it can. */
export function readOnlyReason({ origin, document }: EgressEntryRow): string | undefined {
  if (origin === 'file') return 'Change it in the file of POSTERN_CONFIG, and restart.'
  if (origin === 'env') return 'Change POSTERN_SANCTIONED_EGRESS or POSTERN_FINAL_HOP, and restart.'
  return document === undefined ? undefined : `Change the document ${document} where it is kept, and send it again.`
}

const ownerOf = ({ origin, document }: EgressEntryRow): string => {
  if (document !== undefined) return `comes from the document ${document}`
  if (origin === 'file') return 'comes from the file'
  if (origin === 'env') return 'comes from the environment'
  return origin === 'ui' ? 'was made on the Egress page' : 'was made by API'
}

/** Somebody else was faster: what they saved must not be lost unseen. */
function refuseStale(
  known: EgressEntryRow | undefined,
  { kind, name, expected }: Pick<Put, 'kind' | 'name' | 'expected'>,
): Refusal | undefined {
  if (expected === undefined) return undefined
  if (expected === null && known)
    return { code: 'conflict', issues: [{ ...issueOf(`${kind} ${name} is there already`), path: 'name' }] }
  if (expected === null || (known && revisionOf(known) === expected)) return undefined
  return {
    code: 'conflict',
    issues: [issueOf(`${kind} ${name} was ${known ? 'changed' : 'deleted'} meanwhile`)],
    hint: 'Load it again, look at what changed, and save again.',
  }
}

/** Points that rules which stay still name. */
function refuseDangling(staying: readonly EgressEntryRow[], removed: readonly EgressEntryRow[]): Refusal | undefined {
  const gone = new Set(pointNames(removed))
  const issues = entriesOf(staying).rules.flatMap((rule) =>
    rule.egressPoints
      .filter((point) => gone.has(point))
      .map((point) => issueOf(`egress point ${point} is named by rule ${rule.name}`)),
  )
  return issues.length > 0 ? { code: 'conflict', issues } : undefined
}

/** Those that stay beside the text; rules that have expired compete with nobody. */
const othersOf = (rows: readonly EgressEntryRow[], nowMs: number): OtherEntry[] =>
  rows.map((row) => {
    const [rule] = entriesOf([row]).rules
    return {
      kind: row.kind,
      name: row.name,
      owner: ownerOf(row),
      ...(rule && !isExpired(rule, nowMs) && { rule }),
    }
  })

function planOf(
  rows: readonly EgressEntryRow[],
  wanted: readonly EgressEntryRow[],
  remove: readonly EgressEntryRow[],
  issues: readonly ConfigIssue[],
  actor: string,
): EgressPlan | Refusal {
  const byKey = new Map(rows.map((row) => [keyText(row), row]))
  const before = (key: EgressKey) => byKey.get(keyText(key))
  const put = wanted.filter((row) => {
    const old = before(row)
    return !old || revisionOf(old) !== revisionOf(row)
  })
  const diff: EgressDiff[] = [
    ...put.map((row) => diffOf(row, before(row), row)),
    ...remove.map((row) => diffOf(row, row, undefined)),
  ]
  const documents = new Map(put.map((row) => [keyText(row), row.document]))
  const touched = new Set([...put, ...remove].map(keyText))
  const after = [...rows.filter((row) => !touched.has(keyText(row))), ...put]
  const tooMany = EGRESS_KINDS.filter((kind) => after.filter((row) => row.kind === kind).length > LIMITS.egressEntries)
  if (put.length > 0 && tooMany.length > 0)
    return refusalOf(
      tooMany.map((kind) => issueOf(`there are at most ${LIMITS.egressEntries} of kind ${kind} (limit egressEntries)`)),
    )
  return {
    put,
    remove,
    diff,
    audit: diff.map((one) => auditOf(one, documents.get(keyText(one)), actor)),
    rows: after,
    warnings: issues.filter(({ severity }) => severity === 'warning'),
  }
}

function diffOf(
  { kind, name }: EgressKey,
  before: EgressEntryRow | undefined,
  after: EgressEntryRow | undefined,
): EgressDiff {
  return {
    kind,
    name,
    what: before && after ? 'changed' : after ? 'added' : 'removed',
    ...(before && { before: inputOf(before) }),
    ...(after && { after: inputOf(after) }),
  }
}

const auditOf = (
  { kind, name, what, before, after }: EgressDiff,
  document: string | undefined,
  actor: string,
): AuditEntry => ({
  actor,
  action: what === 'removed' ? 'egress.delete' : 'egress.put',
  subject: `${kind}/${name}`,
  detail: {
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(document !== undefined && { document }),
  },
})
