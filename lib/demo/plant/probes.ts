import type { Scenario, TrueProbe } from './world'

/** A probe of a scenario's namespace, when it truly ran. */
export interface PlantProbe extends TrueProbe {
  readonly cluster: string
  readonly atMs: number
}

/** Every probe of a scenario's own cluster. */
export const probesOf = (scenario: Scenario, baseMs: number): PlantProbe[] =>
  (scenario.probes ?? []).map((probe) => ({
    ...probe,
    cluster: scenario.name,
    atMs: Math.round(baseMs + probe.atS * 1000),
  }))
