import { canonicalIp } from '@/lib/sources/canonical-ip'
import { cleanText } from './attributes'

const MAX_HOST_CHARS = 253
/** What senders write when they know no name. */
const NO_NAME = /^(?:unknown(?:_service(?::.*)?)?|none|null|undefined|nil|n\/a|-|\?|\*|localhost:0)$/

export interface Place {
  /** Host or service name, lower case; an IP address in canonical form. */
  readonly name: string
  readonly port?: number
  readonly ip?: string
}

/**
 * Host and port of an address as senders write it: `host`, `host:port`, `[v6]:port`, or a whole URL, of which scheme,
 * userinfo, path, query and fragment are cut off. Socket paths and words for "unknown" are no place.
 */
export function placeOfAddress(text: string | undefined): Place | undefined {
  if (!text) return undefined
  if (text.includes('://')) return placeOfUrl(text)
  return placeOfAuthority(authorityOf(text))
}

/** Host and port of a URL, the port from its scheme where it names none. */
export function placeOfUrl(text: string | undefined): Place | undefined {
  if (!text) return undefined
  const start = text.indexOf('://')
  if (start <= 0) return undefined
  const place = placeOfAuthority(authorityOf(text.slice(start + 3)))
  if (!place || place.port !== undefined) return place
  const port = portOfScheme(text.slice(0, start))
  return { ...place, ...(port && { port }) }
}

/** 443 for https and wss, 80 for http and ws. */
export function portOfScheme(scheme: string | undefined): number | undefined {
  const name = scheme?.toLowerCase()
  if (name === 'https' || name === 'wss') return 443
  return name === 'http' || name === 'ws' ? 80 : undefined
}

/** A port number, 1 to 65535. */
export function validPort(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 && value <= 65_535 ? value : undefined
}

function authorityOf(text: string): string {
  const authority = text.slice(0, 2048).split(/[/?#\\]/, 1)[0] ?? ''
  return authority.slice(authority.lastIndexOf('@') + 1)
}

function placeOfAuthority(authority: string): Place | undefined {
  const wholeIp = canonicalIp(authority)
  if (wholeIp) return { name: wholeIp, ip: wholeIp }
  const colon = authority.lastIndexOf(':')
  const port =
    colon >= 0 && /^\d{1,5}$/.test(authority.slice(colon + 1)) ? Number(authority.slice(colon + 1)) : undefined
  const host = port === undefined ? authority : authority.slice(0, colon)
  const ip = canonicalIp(host)
  const name = ip ?? cleanText(host, MAX_HOST_CHARS).toLowerCase().replace(/\.+$/, '')
  if (!name || NO_NAME.test(name)) return undefined
  const valid = validPort(port)
  return { name, ...(valid && { port: valid }), ...(ip && { ip }) }
}
