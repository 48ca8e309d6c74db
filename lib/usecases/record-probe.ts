import 'server-only'
import { canonicalAddress, isPublicAddress } from '@/lib/egress/address'
import { type Caller, callerAddress } from '@/lib/egress/forwarded-address'
import { AppError } from '@/lib/errors'
import type { CanaryProbe } from '@/lib/model/canary'
import type { UnixMillis } from '@/lib/model/units'
import { count } from '@/lib/observability/metrics'
import { type ProbePlace, saveProbes } from '@/lib/store/save-probes'

const HINTS = {
  unknown_proxy:
    'It came by a proxy. Name the proxy’s own addresses in POSTERN_TRUSTED_PROXIES, as CIDRs, and no more than these.',
  silent_proxy: 'The proxies of POSTERN_TRUSTED_PROXIES name no caller: have them send X-Forwarded-For.',
  unreadable: 'Neither the connection nor X-Forwarded-For tells an address that can be read.',
} as const

/** The address by which a caller reached us, and whether the internet could have seen it. Throws `bad_request` where it is not known. */
export function seenAddress(caller: Caller, proxies: readonly string[]): { address: string; isPublic: boolean } {
  const seen = callerAddress(caller, proxies)
  if ('problem' in seen)
    throw new AppError('bad_request', 'the address by which this request came is not known', {
      hint: HINTS[seen.problem],
    })
  return { address: seen.address, isPublic: isPublicAddress(seen.address) }
}

/**
 * Records by which address a probe of a namespace left: as this server saw it, and, where the probe says so, what another echo
 * service answered it. Only the first may acquit a way (tier D, nat-evidence §3.1). Answers after COMMIT. Throws `bad_request`.
 */
export async function recordProbe(
  place: ProbePlace & { readonly node: string; readonly told?: string },
  caller: Caller,
  proxies: readonly string[],
  nowMs: UnixMillis,
): Promise<{ address: string; isPublic: boolean }> {
  const seen = seenAddress(caller, proxies)
  const told = place.told === undefined ? undefined : canonicalAddress(place.told.trim())
  if (place.told !== undefined && told === undefined)
    throw new AppError('bad_request', 'told: not an address', {
      hint: 'The echo service must answer the caller’s address as plain text, and nothing else.',
    })
  const common = { node: place.node, atMs: nowMs }
  const probes: CanaryProbe[] = [
    { ...common, address: seen.address, basis: 'seen' },
    ...(told === undefined ? [] : [{ ...common, address: told, basis: 'told' as const }]),
  ]
  await saveProbes(place, probes)
  count('postern_canary_probes', 1, { address: seen.isPublic ? 'public' : 'private' })
  return seen
}
