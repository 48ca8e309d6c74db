import { CALICO_SCENARIOS } from './scenarios-calico'
import { CILIUM_SCENARIOS } from './scenarios-cilium'
import { DETECTOR_SCENARIOS } from './scenarios-detectors'
import { GATEWAY_SCENARIOS } from './scenarios-gateway'
import { NAT_SCENARIOS } from './scenarios-nat'
import { NEIGHBOUR_SCENARIOS } from './scenarios-neighbours'
import type { Scenario } from './world'

/** Every scenario, each in a cluster of its own name. */
export const SCENARIOS: readonly Scenario[] = [
  ...CILIUM_SCENARIOS,
  ...GATEWAY_SCENARIOS,
  ...NEIGHBOUR_SCENARIOS,
  ...NAT_SCENARIOS,
  ...CALICO_SCENARIOS,
  ...DETECTOR_SCENARIOS,
]
