import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Not routable on the internet. The documentation ranges are left out on purpose: examples and the demo use them as public. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map((cidr) => ipaddr.IPv4.parseCIDR(cidr))
/** IPv6 that is handed out for the internet (IANA); everything else is not a public source. */
const PUBLIC_V6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Reads one address strictly: four decimal parts or IPv6 without zone. IPv4-mapped IPv6 becomes IPv4. undefined for anything
 * else: short, octal and hexadecimal IPv4 forms have several readings, and evidence must have one.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45 || text.includes('%')) return undefined
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    const hasLeadingZero = text.split('.').some((part) => part.length > 1 && part.startsWith('0'))
    return hasLeadingZero ? undefined : ipaddr.IPv4.parse(text)
  }
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined
  const address = ipaddr.IPv6.parse(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** Canonical text of an address, so that equal addresses are equal strings; undefined for what is no address. */
export const canonicalAddress = (text: string): string | undefined => parseAddress(text)?.toString()

/** True for an address that is globally routable. undefined and non-addresses are not public. */
export function isPublicAddress(text: string | undefined): boolean {
  const address = text === undefined ? undefined : parseAddress(text)
  if (!address) return false
  if (isV4(address)) return !NOT_PUBLIC_V4.some((block) => address.match(block))
  return address.match(PUBLIC_V6)
}

/** A network with its host bits zero. */
export interface Cidr {
  /** Canonical text, `203.0.113.10/32`. */
  readonly text: string
  readonly address: Address
  readonly prefix: number
}

/**
 * Reads a CIDR, or one address as a network of itself. The error says what is wrong and, where host bits are set, what was
 * probably meant; nothing is corrected silently, for a wider network than meant would acquit.
 */
export function parseCidr(text: string): { readonly cidr: Cidr } | { readonly error: string } {
  const [addressText = '', prefixText, ...rest] = text.trim().split('/')
  const address = parseAddress(addressText)
  if (!address || rest.length > 0) return { error: `"${bounded(text)}" is not an address or CIDR` }
  const width = isV4(address) ? 32 : 128
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText))
    return { error: `"${bounded(text)}" has no valid prefix length` }
  const prefix = prefixText === undefined ? width : Number(prefixText)
  if (prefix > width) return { error: `"${bounded(text)}" has a prefix longer than ${width}` }
  const network = `${networkOf(address, prefix)}/${prefix}`
  if (network !== `${address.toString()}/${prefix}`) {
    return {
      error: `"${bounded(text)}" is not canonical: host bits are set. Write ${network}, or ${address}/${width} for the one address`,
    }
  }
  return { cidr: { text: network, address, prefix } }
}

/** True where the address lies in the network. Families never mix. */
export function cidrContains(cidr: Cidr, text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && sameNetwork(address, cidr.address, cidr.prefix)
}

/** True where every address of the network is globally routable; `0.0.0.0/0` is not. */
export function isPublicCidr(cidr: Cidr): boolean {
  if (!isV4(cidr.address)) return cidr.prefix >= 3 && cidr.address.match(PUBLIC_V6)
  return !NOT_PUBLIC_V4.some(([block, prefix]) => sameNetwork(cidr.address, block, Math.min(prefix, cidr.prefix)))
}

function isV4(address: Address): address is ipaddr.IPv4 {
  return address.kind() === 'ipv4'
}

function sameNetwork(left: Address, right: Address, prefix: number): boolean {
  return left.kind() === right.kind() && networkOf(left, prefix) === networkOf(right, prefix)
}

function networkOf(address: Address, prefix: number): string {
  const bytes = address.toByteArray().map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8))
    return byte & (0xff << (8 - bits)) & 0xff
  })
  return ipaddr.fromByteArray(bytes).toString()
}

const bounded = (text: string): string => text.slice(0, 60)
