import type { EgressConfig, EgressRule } from '@/lib/model/egress'
import type { RegisterAddress } from '@/lib/model/provider'

/**
 * The addresses that belong on a provider's list of allowed clients: those by which the rules in force let calls to it leave. Sorted by
 * address; private links are left out, for the provider never sees them. An observing rule counts: its calls leave there all the same.
 */
export function addressesToRegister(
  provider: { readonly id: string; readonly category: string },
  config: EgressConfig,
): RegisterAddress[] {
  const byCidr = new Map<string, { cidr: string; point?: string; rules: string[] }>()
  for (const rule of config.rules) {
    if (!speaksOf(rule, provider)) continue
    for (const { cidr, point } of sourcesOf(rule, config)) {
      const known = byCidr.get(cidr) ?? { cidr, ...(point !== undefined && { point }), rules: [] }
      if (!known.rules.includes(rule.name)) known.rules.push(rule.name)
      byCidr.set(cidr, known)
    }
  }
  return [...byCidr.values()].sort((a, b) => (a.cidr < b.cidr ? -1 : 1))
}

const speaksOf = ({ providers }: EgressRule, { id, category }: { readonly id: string; readonly category: string }) =>
  providers.some((word) => word === '*' || word === id || word === `category:${category}`)

function* sourcesOf(rule: EgressRule, { points }: EgressConfig): Generator<{ cidr: string; point?: string }> {
  for (const name of rule.egressPoints) {
    const point = points.find((item) => item.name === name)
    if (point && point.kind !== 'private-link') for (const cidr of point.publicCidrs) yield { cidr, point: point.name }
  }
  for (const { cidr, name, kind } of rule.sanctionedSources)
    if (kind !== 'private-link') yield { cidr, ...(name !== undefined && { point: name }) }
}
