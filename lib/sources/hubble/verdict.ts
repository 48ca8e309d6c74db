import type { PolicyHit, PolicyTrace } from '@/lib/model/policy'
import type { Verdict } from '@/lib/model/verdict'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { DROP_REASON, EVENT, VERDICT } from './enums'
import { enumName, field, text, texts, type Wire } from './fields'

export interface Judged {
  readonly verdict: Verdict
  readonly trace: PolicyTrace
}

/**
 * Verdict and policies of a flow by the table of formats/hubble.md §4.2, top down. Undefined = not traffic (socket
 * translation, unknown kinds). An empty policy list means "not correlated", so it is never reported as "no policy".
 */
export function judge(flow: Wire, eventType: number | undefined, direction: string | undefined): Judged | undefined {
  const verdict = enumName(flow, 'verdict', VERDICT)
  const isL7 = eventType === EVENT.l7 || field(flow, 'Type') === 'L7' || field(flow, 'Type') === 2
  const layer = isL7 ? 'L7' : 'L4'
  const allowedBy = hits(flow, direction, 'allowed_by', 'allow')
  const deniedBy = hits(flow, direction, 'denied_by', 'deny')
  const reported = (list: readonly PolicyHit[]): PolicyTrace => (list.length > 0 ? { enforced: list } : {})
  switch (verdict) {
    case 'DROPPED':
      return isL7
        ? { verdict: { outcome: 'denied', basis: 'not_reported', pending: 'same', layer }, trace: {} }
        : dropped(dropReason(flow), deniedBy, reported)
    case 'AUDIT':
      return {
        verdict: { outcome: 'allowed', basis: 'not_reported', pending: 'would_deny', layer },
        trace: reported(deniedBy),
      }
    case 'ERROR':
      return {
        verdict: { outcome: 'error', basis: 'not_reported', pending: 'same', layer, dropReason: 'ERROR' },
        trace: {},
      }
    case 'REDIRECTED':
    case 'FORWARDED':
      return forwarded(eventType, isL7, allowedBy, reported)
    case 'TRACED':
    case 'TRANSLATED':
      return undefined
    default:
      return { verdict: { outcome: 'unknown', basis: 'not_reported', pending: 'unknown', layer }, trace: {} }
  }
}

type Report = (list: readonly PolicyHit[]) => PolicyTrace

function dropped(reason: string | undefined, deniedBy: readonly PolicyHit[], reported: Report): Judged {
  const base = { pending: 'same', layer: 'L4' } as const
  if (reason === 'POLICY_DENY')
    return { verdict: { outcome: 'denied', basis: 'rule', ...base }, trace: reported(deniedBy) }
  if (reason === 'POLICY_DENIED')
    return { verdict: { outcome: 'denied', basis: 'default', ...base }, trace: reported(deniedBy) }
  return { verdict: { outcome: 'dropped', basis: 'not_reported', ...base, dropReason: reason ?? 'UNKNOWN' }, trace: {} }
}

function forwarded(
  eventType: number | undefined,
  isL7: boolean,
  allowedBy: readonly PolicyHit[],
  reported: Report,
): Judged {
  const base = { pending: 'same', layer: isL7 ? 'L7' : 'L4' } as const
  if (isL7) return { verdict: { outcome: 'allowed', basis: 'not_reported', ...base }, trace: {} }
  if (eventType !== EVENT.policyVerdict)
    return { verdict: { outcome: 'observed', basis: 'not_reported', ...base }, trace: {} }
  if (allowedBy.length === 0) return { verdict: { outcome: 'allowed', basis: 'not_reported', ...base }, trace: {} }
  const basis = allowedBy.every((hit) => hit.kind === 'Implicit') ? 'implicit' : 'rule'
  return { verdict: { outcome: 'allowed', basis, ...base }, trace: reported(allowedBy) }
}

/** The drop reason by name; the deprecated number alone, or 0 for "none". */
export function dropReason(flow: Wire): string | undefined {
  const name = enumName(flow, 'drop_reason_desc', DROP_REASON) ?? enumName(flow, 'drop_reason', DROP_REASON)
  return name === '0' || name === 'DROP_REASON_UNKNOWN' ? undefined : name
}

function hits(flow: Wire, direction: string | undefined, suffix: string, action: 'allow' | 'deny'): PolicyHit[] {
  const prefix = direction === 'INGRESS' ? 'ingress' : direction === 'EGRESS' ? 'egress' : undefined
  const list = prefix ? field(flow, `${prefix}_${suffix}`) : undefined
  return Array.isArray(list)
    ? list
        .filter(isRecord)
        .slice(0, 32)
        .map((policy) => hit(policy, action))
    : []
}

/** A policy without a name is the engine's own rule, such as `allow-localhost-ingress`. */
function hit(policy: Wire, action: 'allow' | 'deny'): PolicyHit {
  const labels = texts(policy, 'labels')
  const from = labels
    .map((label) => label.split('io.cilium.k8s.policy.derived-from=')[1])
    .find((value) => value !== undefined)
  const name = text(policy, 'name')
  if (!name) {
    const rule = labels.find((label) => label.startsWith('reserved:'))?.split('=')[1] ?? 'implicit'
    return { kind: 'Implicit', namespace: '', tier: '', name: rule, action }
  }
  return {
    kind: text(policy, 'kind') ?? from ?? 'CiliumNetworkPolicy',
    namespace: text(policy, 'namespace') ?? '',
    tier: '',
    name,
    action,
  }
}
