import { type ClusterFacts, type EdgeFacts, LEARNING_MS, LOOK_BACK_MS } from './facts'

/** True once the cluster was watched for so long that something in it can be called new. */
export const hasLearned = ({ learningSinceMs, nowMs }: ClusterFacts): boolean =>
  learningSinceMs !== undefined && nowMs - learningSinceMs >= LEARNING_MS

/** True where it began within the look-back. */
export const isNew = ({ nowMs }: ClusterFacts, firstEverMs: number): boolean => firstEverMs > nowMs - LOOK_BACK_MS

/** What began within an hour before something else came with it, as a new workload's first calls do. */
export const HOUR_MS = 60 * 60_000

/** When the client of edges was first seen in a call to their provider, as far as remembered. */
export const firstToProviderMs = (edges: readonly EdgeFacts[]): number =>
  edges.reduce(
    (first, { providerFirstEverMs, firstEverMs }) => Math.min(first, providerFirstEverMs ?? firstEverMs),
    Number.POSITIVE_INFINITY,
  )
