import { type NextRequest, NextResponse } from 'next/server'
import { env } from '@/lib/env'
import { consolePath, shortLinkPath } from '@/lib/model/console-path'
import { statusOfShare } from '@/lib/usecases/share-access'
import { frameAncestors } from '@/lib/view/frame-ancestors'
import { GONE_PAGE } from '@/lib/view/gone-page'

/**
 * Runs before pages, never before API routes: a route that the proxy matches gets only the first 10 MB of a body. It sets
 * the content security policy with a fresh nonce, and refuses unknown Host names where there is no sign-in (DNS rebinding).
 * A share link that ended is answered here, since a page cannot set its status to 410. Authorisation is not here: every
 * handler does its own.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const settings = env()
  if (!settings.POSTERN_ADMIN_TOKEN && !isLocal(request.headers.get('host'), settings.POSTERN_ALLOWED_HOSTS))
    return new NextResponse(
      'This Host name is not served. Open Postern by localhost, or list the name in POSTERN_ALLOWED_HOSTS.',
      { status: 403 },
    )
  const share = /^\/share\/([^/]+)\/?$/.exec(request.nextUrl.pathname)?.[1]
  if (share !== undefined && (await statusOfShare(share)) === 'gone')
    return new NextResponse(GONE_PAGE, { status: 410, headers: GONE_HEADERS })
  const embedToken = request.nextUrl.pathname.startsWith('/embed/') ? request.nextUrl.searchParams.get('token') : null
  if (embedToken !== null) return withEmbedCookie(request, embedToken)
  if (settings.POSTERN_ADMIN_TOKEN && needsSession(request))
    return NextResponse.redirect(signInUrl(request), { headers: { 'cache-control': 'no-store' } })
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  const policy = contentSecurityPolicy(nonce, frameAncestors(request.nextUrl.pathname, settings.POSTERN_EMBED_ORIGINS))
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('referrer-policy', 'no-referrer')
  return response
}

function contentSecurityPolicy(nonce: string, ancestors: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
  ].join('; ')
}

/** Who came for a page goes on there; anything else leads to the graph. */
function signInUrl(request: NextRequest): URL {
  const url = new URL('/sign-in', request.url)
  const next =
    consolePath(`${request.nextUrl.pathname}${request.nextUrl.search}`) ?? shortLinkPath(request.nextUrl.pathname)
  if (next !== undefined && next !== '/graph') url.searchParams.set('next', next)
  return url
}

/** A page of the console, asked for by a browser that never signed in. Whether its session is real is the API's to say. */
const needsSession = ({ nextUrl, cookies }: NextRequest): boolean =>
  !/^\/(sign-in|share\/|embed\/)/.test(nextUrl.pathname) && !cookies.has('postern_session')

/**
 * A frame cannot send a header, so its address may carry an API token of scope `embed`. It moves into a cookie at once and
 * out of the address, which proxies log and pages pass on. Over https the cookie is partitioned by the framing site.
 */
function withEmbedCookie(request: NextRequest, token: string): NextResponse {
  const clean = request.nextUrl.clone()
  clean.searchParams.delete('token')
  const isSecure = request.nextUrl.protocol === 'https:'
  const crossSite = isSecure ? 'Secure; SameSite=None; Partitioned' : 'SameSite=Lax'
  const value = /^[\w-]{1,200}$/.test(token) ? token : ''
  const cookie = `postern_embed=${value}; Path=/; HttpOnly; Max-Age=86400; ${crossSite}`
  const headers = { 'set-cookie': cookie, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  return NextResponse.redirect(clean, { status: 307, headers })
}

const GONE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

function isLocal(host: string | null, allowed: readonly string[]): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '')
  return ['localhost', '127.0.0.1', '[::1]', ...allowed.map((item) => item.toLowerCase())].includes(name)
}

export const config = { matcher: ['/((?!api/|v1/|metrics|_next/static|_next/image|favicon.ico|icon.svg).*)'] }
