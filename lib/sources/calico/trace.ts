import type { PolicyAction, PolicyHit, PolicyRef, PolicyTrace } from '@/lib/model/policy'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { canonicalRef, formatPolicyString, hitOf, type IndexedHit, parsePolicyString } from './policy-string'
import { ACTION, enumName, integer, list, POLICY_KIND, RecordFault, record, text, type Wire } from './wire'

const MAX_HITS = 256
const ACTIONS: ReadonlyMap<string, PolicyAction> = new Map([
  ['Allow', 'allow'],
  ['Deny', 'deny'],
  ['Pass', 'pass'],
])

/**
 * The evaluations of a flow key, each ordered by policy index (Felix before #12292 did not order them). An empty list and an
 * absent one look alike on the wire, so both mean "not reported". Throws `bad_policy` on a hit that cannot be read.
 */
export function traceOf(key: Wire): PolicyTrace {
  const policies = record(key, 'policies') ?? {}
  const enforced = hitsOf(policies, 'enforced_policies')
  const pending = hitsOf(policies, 'pending_policies')
  return { ...(enforced.length > 0 && { enforced }), ...(pending.length > 0 && { pending }) }
}

/** The text of every hit: identity of an evaluation, and what the evidence shows of it. */
export const traceStrings = (hits: readonly PolicyHit[] | undefined): string[] =>
  (hits ?? []).map((hit, index) => formatPolicyString(index, hit))

/** The hits of one list, objects or text, by their index: Enterprise writes them in random order. */
export function hitsOf(policies: Wire, key: string): PolicyHit[] {
  return list(policies, key, MAX_HITS)
    .map(indexedHit)
    .sort((a, b) => a.index - b.index)
    .map(({ hit }) => hit)
}

function indexedHit(value: unknown): IndexedHit {
  if (typeof value === 'string') {
    const parsed = parsePolicyString(value)
    if ('fault' in parsed) throw new RecordFault('bad_policy', `policy string: ${parsed.fault}`)
    return parsed
  }
  if (!isRecord(value)) throw new RecordFault('bad_policy', 'a policy hit is neither an object nor text')
  const ref = refOf(value)
  const action = ACTIONS.get(enumName(value, 'action', ACTION)) ?? 'unspecified'
  const rule = integer(value, 'rule_index')
  return { index: integer(value, 'policy_index'), hit: objectHit(value, ref, action, rule) }
}

function objectHit(value: Wire, ref: PolicyRef, action: PolicyAction, rule: number): PolicyHit {
  if (ref.kind !== 'EndOfTier') return hitOf(ref, action, rule)
  const trigger = record(value, 'trigger')
  // Whisker writes an empty trigger where there is none.
  const isTold = trigger && enumName(trigger, 'kind', POLICY_KIND) !== ''
  return { ...ref, action, ...(isTold && { trigger: refOf(trigger, ref.tier) }) }
}

function refOf(value: Wire, tierOfParent = ''): PolicyRef {
  const kind = enumName(value, 'kind', POLICY_KIND)
  const name = text(value, 'name')
  if (kind === '') throw new RecordFault('bad_policy', 'a policy hit without a kind')
  if (name === '' && kind !== 'EndOfTier') throw new RecordFault('bad_policy', `a ${kind} hit without a name`)
  return canonicalRef(kind, text(value, 'namespace'), text(value, 'tier') || tierOfParent, name)
}
