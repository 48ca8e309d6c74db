import { PolicyDefinitionText } from '@/components/graph/policy-definition'
import type { PolicyDetail, PolicyRule } from '@/lib/model/policy-report'
import { formatCount, formatMoment } from '@/lib/view/format'
import { onEdges } from '@/lib/view/policy-words'

const ACTION_WORD: Readonly<Record<PolicyRule['action'], readonly [did: string, would: string]>> = {
  allow: ['allowed', 'would allow'],
  deny: ['denied', 'would deny'],
  pass: ['handed on', 'would hand on'],
  unspecified: ['decided', 'would decide'],
}

/** Which rules decided how often, each with its place in the policy's text where the inventory has it. */
export function PolicyRules({ detail, atMs }: { detail: PolicyDetail; atMs: number }) {
  const { rules, line } = detail
  const idle = idleRules(detail)
  if (rules.length === 0 && idle.length === 0) return null
  return (
    <section>
      <h3 className="mb-1 font-semibold">Rules</h3>
      <ul className="space-y-1">
        {rules.map((rule) => (
          <li key={`${rule.direction}/${rule.index}/${rule.action}/${rule.isPending}`}>
            <strong className="font-medium">{ruleName(rule)}</strong> {ACTION_WORD[rule.action][Number(rule.isPending)]}{' '}
            {formatCount(rule.count)} on {onEdges(rule.edges)}, last {formatMoment(rule.lastMs)}
            {line.object && rule.index !== undefined && rule.direction && (
              <PolicyDefinitionText
                policy={line}
                of={{
                  cluster: line.cluster,
                  atMs,
                  mark: { direction: rule.direction, action: rule.action, ruleIndex: rule.index },
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {idle.length > 0 && <p className="mt-1 text-(--text-muted)">No record of this window names {idle.join(', ')}.</p>}
    </section>
  )
}

function ruleName({ direction, index }: PolicyRule): string {
  const side = direction === 'egress' ? 'Egress' : direction === 'ingress' ? 'Ingress' : 'Side not told:'
  return index === undefined ? `${side}, rule not told` : `${side} rule ${index}`
}

const IDLE_SHOWN = 20

/** Rules of the text that no record names, where records of the policy name rules at all. */
function idleRules({ rules, ruleTotals }: PolicyDetail): string[] {
  if (!ruleTotals || !rules.some(({ index }) => index !== undefined)) return []
  const named = new Set(rules.map(({ direction, index }) => `${direction} rule ${index}`))
  const all = (['ingress', 'egress'] as const).flatMap((direction) =>
    Array.from({ length: ruleTotals[direction] }, (_, index) => `${direction} rule ${index}`),
  )
  const idle = all.filter((name) => !named.has(name))
  return idle.length > IDLE_SHOWN ? [...idle.slice(0, IDLE_SHOWN), `and ${idle.length - IDLE_SHOWN} more`] : idle
}
