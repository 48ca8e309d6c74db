import { CALICO_SCENARIOS } from './scenarios-calico'
import { CILIUM_SCENARIOS } from './scenarios-cilium'
import { GATEWAY_SCENARIOS } from './scenarios-gateway'
import { INSIDE_SCENARIOS } from './scenarios-inside'
import { NAT_SCENARIOS } from './scenarios-nat'
import { NEIGHBOUR_SCENARIOS } from './scenarios-neighbours'
import { PROBE_SCENARIOS } from './scenarios-probes'
import { PROVIDER_SCENARIOS } from './scenarios-providers'
import { USAGE_SCENARIOS } from './scenarios-usage'
import type { Scenario } from './world'

/** Every scenario, each in a cluster of its own name. */
export const SCENARIOS: readonly Scenario[] = [
  ...CILIUM_SCENARIOS,
  ...GATEWAY_SCENARIOS,
  ...NEIGHBOUR_SCENARIOS,
  ...NAT_SCENARIOS,
  ...CALICO_SCENARIOS,
  ...PROBE_SCENARIOS,
  ...INSIDE_SCENARIOS,
  ...PROVIDER_SCENARIOS,
  ...USAGE_SCENARIOS,
]
