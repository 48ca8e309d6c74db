import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * What a change says of the thing that it changes: `If-Match: "REVISION"`, the revision that it was made from;
 * `If-None-Match: *`, that it is new (null); without either, nothing. Throws `bad_request` for other forms of the two.
 */
export function expectedRevision(request: Request): { readonly expected?: string | null } {
  const match = request.headers.get('if-match')
  const noneMatch = request.headers.get('if-none-match')
  if (noneMatch === '*' && match === null) return { expected: null }
  const revision = /^"([^"]{1,100})"$/.exec(match ?? '')?.[1]
  if (revision !== undefined && noneMatch === null) return { expected: revision }
  if (match === null && noneMatch === null) return {}
  throw new AppError('bad_request', 'If-Match takes one revision in quotes, If-None-Match only *')
}
