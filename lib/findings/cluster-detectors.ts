import { d0Violation } from './d0-violation'
import { d0uUnverified } from './d0u-unverified'
import type { ClusterDetector } from './facts'

/** All detectors, in the order in which lists of them show them. */
export const CLUSTER_DETECTORS: readonly ClusterDetector[] = [d0Violation, d0uUnverified]
