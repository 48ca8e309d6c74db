import { z } from 'zod'
import type { CatalogueProvider, LabelSignature, WorkloadSignature } from './types'

const rawProvider = z.object({
  id: z.string(),
  name: z.string(),
  otelProviderName: z.string().nullish(),
  otelAliases: z.array(z.string()).nullish(),
  category: z.string(),
  hosts: z.array(z.string()),
  hostInfo: z.record(z.string(), z.object({ role: z.string(), aiExclusive: z.boolean() })),
  ipRanges: z
    .object({
      inbound: z.array(z.string()).nullish(),
      inboundAdditionalNewestDoc: z.array(z.string()).nullish(),
      exclusive: z.boolean().nullish(),
      source: z.string().nullish(),
    })
    .nullish(),
  ipAllowlisting: z
    .object({
      supported: z.boolean().nullish(),
      how: z.string().nullish(),
      verified: z.boolean().nullish(),
      source: z.string().nullish(),
    })
    .nullish(),
  sourceIpRejection: z
    .array(
      z.object({
        httpStatus: z.number(),
        errorCode: z.string().optional(),
        errorType: z.string().optional(),
        messageContains: z.string().optional(),
      }),
    )
    .nullish(),
})

const rawWorkload = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  ports: z.array(z.object({ port: z.number(), use: z.string() })),
  images: z.array(z.string()),
  labels: z.array(z.object({ match: z.string() })),
  evidenceLevel: z.string(),
})

const ROLE_OF_KIND: Readonly<Record<string, WorkloadSignature['role']>> = {
  'model-server': 'model-server',
  'embedding-server': 'model-server',
  'image-server': 'model-server',
  platform: 'model-server',
  gateway: 'gateway',
  vectordb: 'vector-store',
  'agent-app': 'agent',
}

/** Labels that ordinary software carries as well: alone they would call any router or any job with a `model` label AI. */
const WEAK_LABELS: ReadonlySet<string> = new Set([
  'environment=test & model=*',
  'environment=router',
  'model=*',
  'app.kubernetes.io/component=router',
  'app.kubernetes.io/component=mcp-server',
  'component=singleuser-server',
  'app.kubernetes.io/name=kong',
  'gateway.envoyproxy.io/owning-gateway-name=*',
])

/**
 * Reduces the researched provider list to what matching and the screen need. Host order is kept; sources and notes stay in
 * the research file. Throws on input of another shape: this runs at a desk, never at run time.
 */
export function compileProviders(raw: unknown): CatalogueProvider[] {
  return z
    .array(rawProvider)
    .parse(raw)
    .map((provider) => {
      const cidrs = [...(provider.ipRanges?.inbound ?? []), ...(provider.ipRanges?.inboundAdditionalNewestDoc ?? [])]
      const allow = provider.ipAllowlisting
      return {
        id: provider.id,
        name: provider.name,
        category: provider.category,
        otelName: provider.otelProviderName ?? undefined,
        otelAliases: provider.otelAliases?.length ? provider.otelAliases : undefined,
        hosts: provider.hosts.map((host) => {
          const info = provider.hostInfo[host]
          if (!info) throw new Error(`${provider.id}: no hostInfo for ${host}`)
          return { host, role: info.role, ...(info.aiExclusive ? {} : { aiExclusive: false }) }
        }),
        inbound: cidrs.length
          ? { cidrs, exclusive: provider.ipRanges?.exclusive === true, source: provider.ipRanges?.source ?? undefined }
          : undefined,
        allowList:
          allow?.supported && allow.how
            ? { how: allow.how, verified: allow.verified === true, source: allow.source ?? undefined }
            : undefined,
        rejections: provider.sourceIpRejection ?? undefined,
      }
    })
}

/** Reduces the researched workload signatures; label expressions `a=b & c=x|y` become terms. */
export function compileWorkloads(raw: unknown): WorkloadSignature[] {
  return z
    .array(rawWorkload)
    .parse(raw)
    .map((workload) => ({
      id: workload.id,
      name: workload.name,
      kind: workload.kind,
      role: ROLE_OF_KIND[workload.kind] ?? 'app',
      ports: workload.ports.map(({ port, use }) => ({ port, use })),
      labels: workload.labels.map(({ match }) => compileLabel(match)),
      images: workload.images,
      evidence: workload.evidenceLevel,
    }))
}

function compileLabel(expression: string): LabelSignature {
  const all = expression.split(' & ').map((term) => {
    const at = term.indexOf('=')
    return { key: term.slice(0, at), values: term.slice(at + 1).split('|') }
  })
  return WEAK_LABELS.has(expression) ? { all, weak: true } : { all }
}

/** JSON text with one entry a line, so that a change of one provider is a change of one line. */
export const catalogueJson = (entries: readonly unknown[]): string =>
  `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`
