import 'server-only'
import type { z } from 'zod'
import { AppError } from '@/lib/errors'

/** Query parameters as their schema says. Throws `bad_request` with every wrong one named, or one that is given twice. */
export function readQuery<Schema extends z.ZodType>(url: URL, schema: Schema): z.infer<Schema> {
  const names = [...url.searchParams.keys()]
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new AppError('bad_request', `${twice.slice(0, 40)}: given twice`)
  const result = schema.safeParse(Object.fromEntries(url.searchParams))
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'query'}: ${issue.message}`)
  throw new AppError('bad_request', issues.slice(0, 10).join('; '))
}
