import { stringify } from 'yaml'
import type { EgressPath, EgressPoint, EgressRule } from '@/lib/model/egress'
import type { PathInput, PointInput, RuleInput } from '@/lib/model/egress-schema'
import type { EgressEntries } from './config'

/** An egress point as the file writes it. */
export const pointInput = ({ origin: _, kind, publicCidrs, ...point }: EgressPoint): PointInput => ({
  ...mutable(point),
  // Anonymous points are of rules, and never entries.
  kind: kind === 'anonymous' ? 'nat-gateway' : kind,
  publicCidrs: [...publicCidrs],
})

/** A path as the file writes it. */
export const pathInput = ({
  name,
  clusters,
  nodeSelector,
  hops,
  finalHop,
  publicByPrivate,
  workloadByPrincipal,
}: EgressPath): PathInput => ({
  name,
  ...listed('clusters', clusters),
  ...mapped('nodeSelector', nodeSelector),
  hops: [...hops],
  final: finalHop,
  ...mapped('map', publicByPrivate),
  ...mapped('principals', workloadByPrincipal),
})

/** A rule as the file writes it; what is as by default is left out. */
export const ruleInput = ({ workloads, ...rule }: EgressRule): RuleInput => {
  const who = {
    ...listed('namespaces', workloads.namespaces),
    ...mapped('namespaceLabels', workloads.namespaceLabels),
    ...listed('names', workloads.names),
    ...mapped('podLabels', workloads.podLabels),
    ...listed('serviceAccounts', workloads.serviceAccounts),
    ...(workloads.aiOnly && { aiOnly: true }),
  }
  return {
    name: rule.name,
    ...(rule.priority !== 0 && { priority: rule.priority }),
    ...listed('clusters', rule.clusters),
    ...(Object.keys(who).length > 0 && { workloads: who }),
    ...listed('providers', rule.providers),
    ...listed('hosts', rule.hosts),
    ...listed('egressPoints', rule.egressPoints),
    ...(rule.sanctionedSources.length > 0 && {
      sanctionedSources: rule.sanctionedSources.map((source) => ({ ...source })),
    }),
    ...(rule.requireEvidence !== 'C' && { requireEvidence: rule.requireEvidence }),
    ...(rule.mode !== 'enforce' && { mode: rule.mode }),
    ...(rule.expiresAt !== undefined && { expiresAt: rule.expiresAt }),
    ...(rule.reason !== undefined && { reason: rule.reason }),
  }
}

/** Entries as the text of a config file, which reads back as the same entries. Empty lists are left out. */
export function exportEgressConfig({ points, paths, rules, deniedProviders }: EgressEntries): string {
  const file = {
    ...listed('egressPoints', points.map(pointInput)),
    ...listed('paths', paths.map(pathInput)),
    ...listed('egressRules', rules.map(ruleInput)),
    ...listed('denyProviders', deniedProviders),
  }
  return Object.keys(file).length === 0 ? '' : stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })
}

const listed = <K extends string, T>(key: K, list: readonly T[]) =>
  (list.length > 0 ? { [key]: [...list] } : {}) as { [_ in K]?: T[] }

const mapped = <K extends string>(key: K, fields: Readonly<Record<string, string>> | undefined) =>
  (fields && Object.keys(fields).length > 0 ? { [key]: { ...fields } } : {}) as { [_ in K]?: Record<string, string> }

const mutable = ({ name, privateCidrs, gateway, clusters }: Omit<EgressPoint, 'origin' | 'kind' | 'publicCidrs'>) => ({
  name,
  ...(privateCidrs && { privateCidrs: [...privateCidrs] }),
  ...(gateway && {
    gateway: {
      ...(gateway.namespace !== undefined && { namespace: gateway.namespace }),
      ...mapped('podLabels', gateway.podLabels),
      ...mapped('nodeSelector', gateway.nodeSelector),
    },
  }),
  ...(clusters && { clusters: [...clusters] }),
})
