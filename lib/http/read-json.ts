import 'server-only'
import type { z } from 'zod'
import { AppError } from '@/lib/errors'
import { readText } from './read-text'

const MAX_BYTES = 256 * 1024

/** A small JSON body as its schema says, of 256 KiB at most unless told otherwise. Throws `too_large`, or `bad_request` with every wrong field named. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  maxBytes = MAX_BYTES,
): Promise<z.infer<Schema>> {
  const result = schema.safeParse(parse(await readText(request, maxBytes)))
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw new AppError('bad_request', issues.slice(0, 10).join('; '))
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    throw new AppError('bad_request', 'the body is not JSON')
  }
}
