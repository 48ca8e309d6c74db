import 'server-only'
import { env } from '@/lib/env'

/** Where people and senders reach this server, without a trailing slash: POSTERN_PUBLIC_URL, else as this request did. */
export function baseUrlOf(request: Request): string {
  const configured = env().POSTERN_PUBLIC_URL
  if (configured) return configured
  const host = request.headers.get('host') ?? new URL(request.url).host
  return `${new URL(request.url).protocol}//${host}`
}
