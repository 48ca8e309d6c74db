import 'server-only'
import pino, { type Logger } from 'pino'
import { env } from '@/lib/env'
import { processGlobal } from '@/lib/process-global'

/**
 * Structured log of this process: one JSON object a line on standard output, at POSTERN_LOG_LEVEL. Secrets have no place in
 * it: whoever logs names fields, never requests or headers; the redaction is the second net.
 */
export const logger = (): Logger =>
  processGlobal('logger', () =>
    pino({
      name: 'postern',
      level: env().POSTERN_LOG_LEVEL,
      redact: ['authorization', 'cookie', 'token', 'secret', '*.authorization', '*.cookie', '*.token', '*.secret'],
      serializers: { error: pino.stdSerializers.err },
    }),
  )
