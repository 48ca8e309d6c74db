import type { EgressRule } from '@/lib/model/egress'
import type { UnixMillis } from '@/lib/model/units'
import type { EgressEntries } from './config'

/** True from the moment at which the rule expires. */
export const isExpired = ({ expiresAt }: Pick<EgressRule, 'expiresAt'>, nowMs: UnixMillis): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= nowMs

/**
 * Entries without the rules that have expired by a moment. So the configuration of the time after has the version that it would
 * have had without the rule, and everything is judged again by it.
 */
export const entriesInForce = (entries: EgressEntries, nowMs: UnixMillis): EgressEntries => ({
  ...entries,
  rules: entries.rules.filter((rule) => !isExpired(rule, nowMs)),
})
