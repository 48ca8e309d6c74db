import { d0Violation } from './d0-violation'
import { d0uUnverified } from './d0u-unverified'
import type { Detector } from './detector'

/** All detectors, in the order in which their findings are shown for one edge. */
export const DETECTORS: readonly Detector[] = [d0Violation, d0uUnverified]
