import { isIP } from 'node:net'
import { parse } from 'yaml'
import { z } from 'zod'
import { AppError } from '@/lib/errors'

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63')
const cluster = z.string().trim().min(1).max(128)
/** host:port; an IPv6 address in brackets. */
const address = z.string().max(300).refine(isAddress, 'host:port, such as hubble-relay.kube-system.svc:80')
const file = z.string().min(1).max(4096)

/** Files are read again whenever they change (rotation). Without `ca` the system's authorities are trusted. */
const tls = z.strictObject({
  ca: file.optional(),
  cert: file.optional(),
  key: file.optional(),
  /** The name that the server's certificate must carry, where it is not the address's (a port-forward). */
  serverName: z.string().max(253).optional(),
})

const base = { name, cluster }
const hubbleRelay = z.strictObject({
  kind: z.literal('hubble-relay'),
  ...base,
  address,
  tls: tls.optional(),
  /** How far back the very first read goes, as far as the agents' ring buffers reach. */
  lookBackMinutes: z.number().min(0).max(60).default(5),
})
const goldmane = z.strictObject({ kind: z.literal('goldmane'), ...base, address, tls })
const goldmaneNode = z.strictObject({
  kind: z.literal('goldmane-node'),
  ...base,
  socket: file,
  node: z.string().max(253).optional(),
})
const whisker = z.strictObject({
  kind: z.literal('whisker'),
  ...base,
  url: z.url({ protocol: /^https?$/ }),
  tls: tls.optional(),
})
const kubernetes = z.strictObject({
  kind: z.literal('kubernetes'),
  ...base,
  /** A kubeconfig; without it the account of the pod that Postern runs in. */
  kubeconfig: file.optional(),
  context: z.string().max(253).optional(),
})
const syslog = z.strictObject({
  kind: z.literal('syslog'),
  ...base,
  port: z.number().int().min(0).max(65_535),
  host: z.string().max(253).default('127.0.0.1'),
  /** Server certificate; with `ca` senders must show one that it signed. */
  tls: tls.optional(),
})

const collectors = z
  .array(z.discriminatedUnion('kind', [hubbleRelay, goldmane, goldmaneNode, whisker, kubernetes, syslog]))
  .max(64)
  .default([])
  .superRefine((items, context) => {
    const names = items.map((item) => item.name)
    const twice = names.find((item, index) => names.indexOf(item) !== index)
    if (twice) context.addIssue({ code: 'custom', message: `two collectors are called ${twice}` })
  })

export type CollectorSettings = z.infer<typeof collectors>[number]
export type TlsFiles = z.infer<typeof tls>

/** What environment variables say; each makes one collector with the default cluster. */
export interface CollectorVariables {
  readonly defaultCluster: string
  readonly hubbleRelay?: string
  readonly goldmane?: string
  readonly goldmaneTlsDir?: string
  readonly kubeconfig?: string
}

/**
 * The collectors of a start: the `collectors` list of the config file, and those of environment variables. Throws
 * `bad_request` naming every wrong field.
 */
export function readCollectorSettings(
  fileText: string | undefined,
  variables: CollectorVariables,
): CollectorSettings[] {
  const document: unknown = fileText ? parse(fileText) : undefined
  // `collectors:` with every entry commented out is null.
  const listed =
    (typeof document === 'object' && document !== null && 'collectors' in document ? document.collectors : []) ?? []
  const given: unknown[] = [...(Array.isArray(listed) ? listed : [listed]), ...fromVariables(variables)]
  const result = collectors.safeParse(given, { reportInput: true })
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => `  ${placeOf(issue.path, given)}: ${wordsOf(issue)}`)
  throw new AppError('bad_request', `The collectors are wrong (POSTERN_CONFIG):\n${lines.join('\n')}`)
}

/** `collectors[2].tls (relay-prod)`: the path as the egress rules write theirs, and the collector's name where it has one. */
function placeOf(path: readonly PropertyKey[], given: readonly unknown[]): string {
  const [index, ...fields] = path
  const named = z.object({ name }).safeParse(typeof index === 'number' ? given[index] : undefined)
  const place = [`collectors${typeof index === 'number' ? `[${index}]` : ''}`, ...fields].join('.')
  return `${place}${named.success ? ` (${named.data.name})` : ''}`
}

function wordsOf(issue: z.core.$ZodIssue): string {
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined
  return isMissing ? `missing; ${issue.expected} expected` : issue.message
}

function fromVariables({ defaultCluster, ...variables }: CollectorVariables): unknown[] {
  const dir = variables.goldmaneTlsDir
  return [
    variables.hubbleRelay && {
      kind: 'hubble-relay',
      name: 'hubble-relay',
      cluster: defaultCluster,
      address: variables.hubbleRelay,
    },
    variables.goldmane && {
      kind: 'goldmane',
      name: 'goldmane',
      cluster: defaultCluster,
      address: variables.goldmane,
      tls: dir ? { ca: `${dir}/ca.crt`, cert: `${dir}/tls.crt`, key: `${dir}/tls.key` } : {},
    },
    variables.kubeconfig && {
      kind: 'kubernetes',
      name: 'kubernetes',
      cluster: defaultCluster,
      // `in-cluster`: the account of Postern's own pod.
      ...(variables.kubeconfig !== 'in-cluster' && { kubeconfig: variables.kubeconfig }),
    },
  ].filter(Boolean)
}

function isAddress(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  if (!match) return false
  const [, v6, host, port] = match
  return Number(port) <= 65_535 && (v6 === undefined ? host !== undefined : isIP(v6) === 6)
}
