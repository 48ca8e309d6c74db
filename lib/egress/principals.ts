import type { EgressPath } from '@/lib/model/egress'
import { pathsOfCluster } from './paths'

/** A workload as a path names it. */
export interface NamedWorkload {
  readonly namespace: string
  readonly name: string
}

/** Who calls as a principal. */
export interface Caller extends NamedWorkload {
  /** True where the paths say it of one cluster alone: of several, or of all, the call may be another cluster's. */
  readonly isUnique: boolean
}

/**
 * The workload of a cluster that calls as a principal, by the paths; undefined where none says it, or where paths of any cluster
 * name different ones: then the identity names nobody.
 */
export function callerOf(principal: string, cluster: string, paths: readonly EgressPath[]): Caller | undefined {
  const speaking = paths.filter((path) => entriesOf(path).some(([of]) => matches(of, principal)))
  const named = new Set(
    speaking.flatMap((path) => entriesOf(path).flatMap(([of, to]) => (matches(of, principal) ? [to] : []))),
  )
  const [only] = named
  if (named.size !== 1 || only === undefined || pathsOfCluster(speaking, cluster).length === 0) return undefined
  const workload = parseWorkload(only)
  const isUnique = speaking.every((path) => path.clusters.length === 1 && path.clusters[0] === cluster)
  return workload && { ...workload, isUnique }
}

/** What principals of a workload are called in the paths of its cluster: exact names, or `prefix*`. */
export const principalsOf = (
  workload: NamedWorkload,
  cluster: string,
  paths: readonly EgressPath[],
): readonly string[] => {
  const name = `${workload.namespace}/${workload.name}`
  return [
    ...new Set(
      pathsOfCluster(paths, cluster).flatMap((path) =>
        entriesOf(path).flatMap(([of, to]) => (to === name ? [of] : [])),
      ),
    ),
  ]
}

/** `namespace/workload`; undefined for every other text. */
export function parseWorkload(text: string): NamedWorkload | undefined {
  const [namespace = '', name = '', ...rest] = text.split('/')
  return namespace !== '' && name !== '' && rest.length === 0 ? { namespace, name } : undefined
}

const entriesOf = (path: EgressPath): [string, string][] => Object.entries(path.workloadByPrincipal ?? {})

const matches = (pattern: string, principal: string): boolean =>
  pattern.endsWith('*') ? principal.startsWith(pattern.slice(0, -1)) : pattern === principal
