import 'server-only'
import { z } from 'zod'

const optionalText = z
  .string()
  .optional()
  .transform((text) => text?.trim() || undefined)

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  )

const schema = z.object({
  NODE_ENV: z.string().default('development'),
  DATABASE_URL: optionalText,
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  POSTERN_HOST: z.string().default('127.0.0.1'),
  POSTERN_ADMIN_TOKEN: z.string().min(24, 'at least 24 characters').optional(),
  POSTERN_CLUSTER: z.string().min(1).max(128).default('default'),
  POSTERN_SANCTIONED_EGRESS: optionalText,
  POSTERN_CONFIG: optionalText,
  POSTERN_EMBED_ORIGINS: list,
  POSTERN_ALLOWED_HOSTS: list,
  POSTERN_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  POSTERN_RETENTION_HOURS: z.coerce
    .number()
    .positive()
    .default(24 * 14),
  POSTERN_DEMO: z.string().optional(),
  POSTERN_TEST_DATABASE_URL: optionalText,
})

export type Env = Readonly<z.infer<typeof schema>>

let parsed: Env | undefined

/** The environment, parsed once. Throws an error whose message names each wrong variable and what it must be. */
export function env(): Env {
  if (parsed) return parsed
  const result = schema.safeParse(process.env)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`These settings are wrong:\n${lines.join('\n')}`)
  }
  parsed = Object.freeze(result.data)
  return parsed
}

/** The environment for a child process: ours, with changes. The one place that hands `process.env` on. */
export function childEnv(changes: Record<string, string | undefined>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes }
}
