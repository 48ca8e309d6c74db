import { d0 } from './d0-violation'
import { d0u } from './d0u-unverified'
import { d1 } from './d1-plaintext-ai'
import { d2 } from './d2-plaintext-provider'
import { d3 } from './d3-exposed-endpoint'
import { d4 } from './d4-lateral-movement'
import { d5 } from './d5-first-seen-provider'
import { d6 } from './d6-denied-egress'
import { d7 } from './d7-shadow-ai'
import { d8 } from './d8-dns-without-flow'
import { d9 } from './d9-flow-without-dns'
import { d10 } from './d10-large-upload'
import { d11 } from './d11-address-refused'
import { d12 } from './d12-allow-list-gap'
import { d13 } from './d13-default-allow-namespace'
import { d14 } from './d14-telemetry-egress'
import { d15 } from './d15-egress-broken'
import { d16 } from './d16-unapproved-provider'
import { d17 } from './d17-claim-mismatch'
import { d18 } from './d18-metadata-service'
import type { ClusterDetector } from './facts'

/** All detectors, in the order in which a page lists them. */
export const CLUSTER_DETECTORS: readonly ClusterDetector[] = [
  d0,
  d0u,
  d1,
  d2,
  d3,
  d4,
  d5,
  d6,
  d7,
  d8,
  d9,
  d10,
  d11,
  d12,
  d13,
  d14,
  d15,
  d16,
  d17,
  d18,
]
