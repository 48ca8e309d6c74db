import 'server-only'
import { retention } from '@/lib/env'
import { AppError, ERROR_STATUS, isAppError } from '@/lib/errors'
import { recordHorizonMs } from '@/lib/model/retention'
import { logger } from '@/lib/observability/logger'
import { count } from '@/lib/observability/metrics'
import { withSpan } from '@/lib/observability/tracer'
import { type Access, authenticate, type Caller } from './authenticate'

export interface HandlerContext<Params> {
  readonly request: Request
  readonly url: URL
  readonly params: Params
  readonly caller: Caller
}

interface Definition<Params> {
  /** In the field's words, for logs. */
  readonly name: string
  readonly access: Access
  run(context: HandlerContext<Params>): Promise<Response>
}

/**
 * Every API route: check where the request comes from, authenticate, run, answer. Expected failures become problem+json
 * with their hint; anything else is a bug: 500, logged with its cause, nothing of it told to the caller.
 */
export function handle<Params = Record<string, never>>(definition: Definition<Params>) {
  return async (request: Request, route: { params: Promise<Params> }): Promise<Response> => {
    const response = await answer(definition, request, route)
    count('postern_http_requests', 1, { route: definition.name, status: `${Math.floor(response.status / 100)}xx` })
    return response
  }
}

async function answer<Params>(
  definition: Definition<Params>,
  request: Request,
  route: { params: Promise<Params> },
): Promise<Response> {
  try {
    const caller = await authenticate(request, definition.access)
    const url = new URL(request.url)
    // Nothing is called so, and the database would refuse it as a bug of ours.
    if (url.search.includes('%00')) throw new AppError('bad_request', 'the address has a NUL in it')
    const context = { request, url, params: await route.params, caller }
    return await withSpan(`http ${definition.name}`, {}, () => definition.run(context))
  } catch (error) {
    return problem(error, definition.name)
  }
}

/** RFC 9457 problem details for any error. */
export function problem(error: unknown, name: string): Response {
  const known = isAppError(error) ? error : new AppError('internal', 'an internal error; the log has it')
  if (!isAppError(error)) logger().error({ route: name, error }, 'a route failed')
  const status = ERROR_STATUS[known.code]
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (known.retryAfterS) headers['retry-after'] = String(known.retryAfterS)
  const body = {
    type: `https://postern.invalid/errors/${known.code}`,
    title: known.code,
    status,
    code: known.code,
    detail: known.message,
    hint: known.hint,
  }
  return new Response(JSON.stringify(body), { status, headers })
}

/** A JSON answer that nobody caches. */
export const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })

/** How old a live record may be. */
export const retentionMs = (): number => recordHorizonMs(retention())
