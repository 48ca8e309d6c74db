import 'server-only'
import type { z } from 'zod'
import { AppError } from '@/lib/errors'

const MAX_BYTES = 256 * 1024

/** A small JSON body as its schema says. Throws `too_large`, or `bad_request` with every wrong field named. */
export async function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const result = schema.safeParse(parse(await boundedText(request)))
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw new AppError('bad_request', issues.slice(0, 10).join('; '))
}

async function boundedText(request: Request): Promise<string> {
  if (!request.body) return ''
  const reader = request.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > MAX_BYTES) throw new AppError('too_large', `a body here is at most ${MAX_BYTES / 1024} KiB`)
    text += decoder.decode(value, { stream: true })
  }
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    throw new AppError('bad_request', 'the body is not JSON')
  }
}
