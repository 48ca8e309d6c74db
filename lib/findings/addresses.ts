import { type Cidr, cidrContains, isPublicAddress, parseAddress, parseCidr } from '@/lib/egress/address'

const compile = (texts: readonly string[]): readonly Cidr[] =>
  texts.flatMap((text) => {
    const parsed = parseCidr(text)
    return 'cidr' in parsed ? [parsed.cidr] : []
  })

const LOOPBACK = compile(['127.0.0.0/8', '::1/128'])
/**
 * From where load balancers of clouds probe, and where Google's proxies connect from: what stands before an endpoint, not who calls it.
 * https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const LOAD_BALANCERS = compile([
  '35.191.0.0/16',
  '130.211.0.0/22',
  '209.85.152.0/22',
  '209.85.204.0/22',
  '168.63.129.16/32',
  '2600:1901:8001::/48',
  '2600:2d00:1:b029::/64',
])

export const isLoopback = (ip: string): boolean => LOOPBACK.some((cidr) => cidrContains(cidr, ip))

/** A public address that is no load balancer of a cloud. */
export const isOutside = (ip: string): boolean =>
  isPublicAddress(ip) && !LOAD_BALANCERS.some((cidr) => cidrContains(cidr, ip))

export const isAddress = (text: string): boolean => parseAddress(text) !== undefined
