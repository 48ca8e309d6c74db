import 'server-only'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import type { Retention } from '@/lib/model/retention'
import packageJson from '../package.json'

const text = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined)

const list = z
  .string()
  .default('')
  .transform((value) =>
    Object.freeze(
      value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    ),
  )

const PORT_FORM = { error: 'a number from 1 to 65535' }
const port = z.coerce.number(PORT_FORM).int(PORT_FORM).min(1, PORT_FORM).max(65535, PORT_FORM)

/** 0 = does not listen. */
const portOrOff = z.coerce.number(PORT_FORM).int(PORT_FORM).min(0, PORT_FORM).max(65535, PORT_FORM)

const hours = (usual: number) =>
  z.coerce
    .number({ error: 'a number of hours' })
    .min(1, 'at least 1 hour')
    .max(24 * 366 * 5, 'at most 5 years')
    .default(usual)

const DATABASE_URL_FORM = 'a URL such as postgresql://user:password@host:5432/postern'
const variables = z.object({
  NODE_ENV: z.string().default('development'),
  DATABASE_URL: z.string().startsWith('postgres', DATABASE_URL_FORM).optional(),
  PORT: port.default(3000),
  POSTERN_DATA_DIR: z.string().trim().default('.postern'),
  POSTERN_HOST: z.string().trim().default('127.0.0.1'),
  POSTERN_ADMIN_TOKEN: z.string().min(24, 'at least 24 characters, for example from: openssl rand -hex 24').optional(),
  POSTERN_CLUSTER: z.string().trim().min(1).max(128).default('default'),
  POSTERN_SANCTIONED_EGRESS: text,
  POSTERN_FINAL_HOP: text,
  POSTERN_CONFIG: text,
  POSTERN_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'an http(s) URL such as https://postern.example.com' })
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  POSTERN_EMBED_ORIGINS: list.refine((items) => items.every(isOrigin), 'origins such as https://grafana.example.com'),
  POSTERN_ALLOWED_HOSTS: list,
  POSTERN_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  POSTERN_RETENTION_HOURS: hours(7 * 24),
  POSTERN_RETENTION_15S_HOURS: hours(3 * 24),
  POSTERN_RETENTION_1M_HOURS: hours(30 * 24),
  POSTERN_RETENTION_1H_HOURS: hours(400 * 24),
  POSTERN_HUBBLE_RELAY: text,
  POSTERN_GOLDMANE: text,
  POSTERN_GOLDMANE_TLS_DIR: text,
  POSTERN_NODE_NAME: text,
  POSTERN_KUBERNETES: text,
  POSTERN_OTLP_GRPC_PORT: portOrOff.default(4317),
  POSTERN_OTLP_HTTP_PORT: portOrOff.default(4318),
  POSTERN_RETENTION_AUDIT_HOURS: hours(400 * 24),
  /** Encrypts addresses and secrets of notification channels where they are stored. */
  POSTERN_SECRET_KEY: z.string().min(32, 'at least 32 characters, for example from: openssl rand -hex 32').optional(),
  POSTERN_WEBHOOK_LOOPBACK: z.enum(['allow', 'refuse']).optional(),
  POSTERN_WEBHOOK_PRIVATE: z.enum(['allow', 'refuse']).default('allow'),
  POSTERN_SETTLE_SECONDS: z.coerce.number({ error: 'a number of seconds' }).min(0).max(3600).default(120),
  POSTERN_STARTUP_RACE_SECONDS: z.coerce.number({ error: 'a number of seconds' }).min(0).max(3600).default(60),
  POSTERN_TRUSTED_PROXIES: list.refine(
    (items) => items.every(isNetwork),
    'addresses or CIDRs without host bits, such as 10.0.0.0/8',
  ),
  POSTERN_CITUS: z.enum(['0', '1']).optional(),
  POSTERN_DEMO: z.enum(['0', '1']).optional(),
  /** What `postern import` signs in with. */
  POSTERN_TOKEN: text,
  // Where our own spans and metrics go: the variables of OpenTelemetry, read by its SDK too (docs/metrics.md).
  OTEL_SDK_DISABLED: text,
  OTEL_TRACES_EXPORTER: text,
  OTEL_METRICS_EXPORTER: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: text,
  OTEL_EXPORTER_OTLP_PROTOCOL: text,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: text,
  OTEL_TRACES_SAMPLER: text,
  OTEL_TRACES_SAMPLER_ARG: text,
  OTEL_METRIC_EXPORT_INTERVAL: text,
  OTEL_METRIC_EXPORT_TIMEOUT: text,
  POSTERN_TEST_DATABASE_URL: z.string().startsWith('postgres', DATABASE_URL_FORM).optional(),
})

/** Coarser buckets are added up from finer ones, so they must be kept for longer. */
const schema = variables
  .refine((settings) => settings.POSTERN_RETENTION_15S_HOURS <= settings.POSTERN_RETENTION_1M_HOURS, {
    path: ['POSTERN_RETENTION_1M_HOURS'],
    error: 'at least POSTERN_RETENTION_15S_HOURS',
  })
  .refine((settings) => settings.POSTERN_RETENTION_1M_HOURS <= settings.POSTERN_RETENTION_1H_HOURS, {
    path: ['POSTERN_RETENTION_1H_HOURS'],
    error: 'at least POSTERN_RETENTION_1M_HOURS',
  })

/** Settings by variable name; `.env.example` says what each means. Lists are empty, texts undefined, where not set. */
export type Env = Readonly<z.infer<typeof schema>>

let parsed: Env | undefined

/** This process's settings, parsed on first use and frozen. Throws an error whose text names every wrong variable. */
export function env(): Env {
  parsed ??= parseEnv(process.env)
  return parsed
}

/**
 * Settings from the given variables; an empty one counts as not set. Throws with one line per wrong variable, which never
 * repeats the value, since that may be a secret.
 */
export function parseEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''))
  const result = schema.safeParse(given)
  if (result.success) return Object.freeze(result.data)
  const lines = result.error.issues.map((issue) => `  ${String(issue.path[0])}: ${issue.message}`)
  throw new Error(`These settings are wrong (see .env.example):\n${lines.join('\n')}`)
}

/** Version of this build, as package.json names it. */
export const appVersion = (): string => packageJson.version

/** The environment for a child process: ours, with `changes`; undefined takes a variable away. */
export function childEnv(changes: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes }
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

/** A bare number is an address to the library; a network with host bits set is wider, or narrower, than meant. */
function isNetwork(value: string): boolean {
  if (!/[.:]/.test(value) || !ipaddr.isValidCIDR(value)) return /[.:]/.test(value) && ipaddr.isValid(value)
  const [address] = ipaddr.parseCIDR(value)
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return family.networkAddressFromCIDR(value).toString() === address.toString()
}
/** Where webhooks may go beside public addresses. Who can only be reached from this machine may reach it. */
export const webhookPolicy = (
  { POSTERN_HOST: host, POSTERN_WEBHOOK_LOOPBACK: loopback, POSTERN_WEBHOOK_PRIVATE: isPrivate }: Env = env(),
): { readonly allowLoopback: boolean; readonly allowPrivate: boolean } => ({
  allowLoopback: loopback ? loopback === 'allow' : ['127.0.0.1', 'localhost', '::1'].includes(host),
  allowPrivate: isPrivate === 'allow',
})

const HOUR_MS = 3_600_000

/** How long live rows are kept, by class. */
export const retention = (): Retention => ({
  evidence: env().POSTERN_RETENTION_HOURS * HOUR_MS,
  buckets15s: env().POSTERN_RETENTION_15S_HOURS * HOUR_MS,
  buckets1m: env().POSTERN_RETENTION_1M_HOURS * HOUR_MS,
  buckets1h: env().POSTERN_RETENTION_1H_HOURS * HOUR_MS,
  audit: env().POSTERN_RETENTION_AUDIT_HOURS * HOUR_MS,
})
