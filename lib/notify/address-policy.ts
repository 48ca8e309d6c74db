import ipaddr from 'ipaddr.js'

/** Where webhooks may go beside public addresses. */
export interface AddressPolicy {
  readonly allowLoopback: boolean
  readonly allowPrivate: boolean
}

/**
 * Addresses by which clouds hand out credentials, where their range alone does not say so: AWS over IPv6, Google over IPv6, Alibaba,
 * Oracle's older one, Azure's wire server.
 */
const METADATA: readonly string[] = ['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '192.0.0.192', '168.63.129.16']

const PRIVATE: readonly string[] = ['private', 'uniqueLocal', 'carrierGradeNat']

/**
 * Why Postern sends nothing to an address; undefined where it may. Link-local addresses, those of metadata services, multicast,
 * unspecified and reserved ones are refused whatever the policy says. An IPv4 address inside of an IPv6 one counts as itself.
 */
export function refusalOf(text: string, policy: AddressPolicy): string | undefined {
  if (!ipaddr.isValid(text)) return 'this is no address'
  const address = innermost(ipaddr.parse(text))
  const plain = address.toString()
  if (METADATA.includes(plain)) return `${plain} is an address of a metadata service`
  const range: string = address.range()
  if (range === 'unicast') return undefined
  if (range === 'loopback')
    return policy.allowLoopback ? undefined : `${plain} is this machine (POSTERN_WEBHOOK_LOOPBACK)`
  if (PRIVATE.includes(range))
    return policy.allowPrivate ? undefined : `${plain} is a private address (POSTERN_WEBHOOK_PRIVATE)`
  return range === 'linkLocal' ? `${plain} is link-local: metadata services are there` : `${plain} is ${range}`
}

/** What a translated address leads to: mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96). Other translations are refused by their range. */
function innermost(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  if (address.range() !== 'rfc6052') return address
  return new ipaddr.IPv4(address.toByteArray().slice(12))
}
