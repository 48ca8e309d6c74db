import ipaddr from 'ipaddr.js'

/** Sorts host names out cheaply: the library answers them by exceptions, a thousand times slower. */
const LIKE_AN_IP = /^\s*(?:\d{1,3}\.[\d.]{5,11}|\[?[0-9a-f]{0,4}:[0-9a-f:.]{1,45}(?:%\w{1,32})?\]?)\s*$/i

/** An IPv4 address that is canonical as it stands: nearly every one. */
export const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/

/** Canonical text of an IP address: IPv4 dotted (also from ::ffff:), IPv6 compressed without zone. undefined = no address. */
export function canonicalIp(text: string | undefined): string | undefined {
  if (!text) return undefined
  if (PLAIN_IPV4.test(text)) return text
  if (!LIKE_AN_IP.test(text)) return undefined
  const bare = text
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare).toString()
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return undefined
  const ip = ipaddr.IPv6.parse(bare)
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address().toString() : ip.toString()
}
