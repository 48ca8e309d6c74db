import { clusterOf, PROVIDERS, SANCTIONED, type Scenario } from './world'

/** Providers that the operator does not want to be called at all. */
export const DENIED_PROVIDERS = Object.keys(PROVIDERS).filter((id) => PROVIDERS[id]?.isDenied)

/** What the operators of all scenarios declared, as one configuration file (JSON is YAML): doors, paths and rules by cluster. */
export function operatorConfig(scenarios: readonly Scenario[]): string {
  const paths = scenarios.flatMap((scenario) => {
    const { hops, finalHop, map = {}, principals = {} } = scenario.operator
    if (!finalHop) return []
    // An identity of a cloud belongs to one cluster alone.
    return clustersOf(scenario).map((cluster, index) => ({
      name: cluster,
      clusters: [cluster],
      hops,
      final: finalHop,
      map,
      principals: index === 0 ? principals : {},
    }))
  })
  const rules = scenarios.flatMap((scenario) => {
    const { namespaces, requireEvidence = 'C', mode = 'enforce' } = scenario.operator
    if (namespaces.length === 0) return []
    return clustersOf(scenario).map((cluster) => ({
      name: `ai-${cluster}`,
      clusters: [cluster],
      workloads: { namespaces },
      providers: ['*'],
      egressPoints: ['nat-a'],
      requireEvidence,
      mode,
    }))
  })
  const egressPoints = [{ name: 'nat-a', kind: 'nat-gateway', publicCidrs: [`${SANCTIONED}/32`] }]
  return JSON.stringify({ egressPoints, paths, egressRules: rules, denyProviders: DENIED_PROVIDERS })
}

const clustersOf = (scenario: Scenario): string[] =>
  [...new Set(scenario.pods.map((pod) => clusterOf(scenario, pod)))].sort()
