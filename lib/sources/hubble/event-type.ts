import { EVENT, OBSERVATION_POINT } from './enums'
import { enumName, field, integer, record, type Wire } from './fields'

/**
 * `event_type.type`, or what the other fields prove where a field mask took it: only verdicts carry policies, only the proxy's log
 * L7, only trace events an observation point. undefined: a drop and its verdict cannot be told apart, nor plain forwarding.
 */
export function eventTypeOf(flow: Wire): number | undefined {
  const event = record(flow, 'event_type')
  const told = event && integer(event, 'type')
  if (told !== undefined) return told
  const type = field(flow, 'Type')
  if (record(flow, 'l7') || type === 'L7' || type === 2) return EVENT.l7
  const isJudged = ['egress_allowed_by', 'ingress_allowed_by', 'egress_denied_by', 'ingress_denied_by'].some((key) => {
    const list = field(flow, key)
    return Array.isArray(list) && list.length > 0
  })
  if (isJudged || integer(flow, 'policy_match_type')) return EVENT.policyVerdict
  return field(flow, 'trace_observation_point') !== undefined ? EVENT.trace : undefined
}

/** Debugging, captures, socket translation, agent events: no traffic. */
export const NO_TRAFFIC: ReadonlySet<number> = new Set([2, 3, 7, 130])

/** Where a trace event was seen: by its own field, else by the sub type, whose numbers are the same but for 0 = TO_ENDPOINT. */
export function observationPoint(flow: Wire, eventType: number | undefined): string | undefined {
  const told = enumName(flow, 'trace_observation_point', OBSERVATION_POINT)
  if (told !== undefined || eventType !== EVENT.trace) return told
  const subType = integer(record(flow, 'event_type') ?? {}, 'sub_type') ?? 0
  const names: Readonly<Record<number, string>> = OBSERVATION_POINT
  return subType === 0 ? 'TO_ENDPOINT' : names[subType]
}
