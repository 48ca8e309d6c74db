import type { AddressFamily } from '@/lib/model/dns-record'
import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { parseAddress } from './address'
import { CLOCK_SKEW_MS } from './grade-observation'

/**
 * How long before a connection its question may lie. A look-up by glibc lasts 30 s at most (5 s timeout, 2 attempts, 3
 * servers: resolv.conf(5)); a longer window would make every busy client's names ambiguous.
 */
export const ASKED_WITHIN_MS = 30 * SECOND_MS
/** Names of one client in the window that are looked at; as many means "and more". */
export const MOST_ASKED_NAMES = 32

/** A name that one client asked for, and when it did so last within the window. */
export interface AskedName {
  readonly name: string
  readonly family: AddressFamily
  readonly lastMs: UnixMillis
}

/** When questions may belong to a connection that began then; both ends included, clocks may differ. */
export const askedWindow = (firstMs: UnixMillis): { readonly fromMs: UnixMillis; readonly toMs: UnixMillis } => ({
  fromMs: firstMs - ASKED_WITHIN_MS,
  toMs: firstMs + CLOCK_SKEW_MS,
})

/**
 * The names that a connection's client may have connected to, by what it asked in the window before: sorted, each once.
 * Several mean "one of these, or none". A question for the other address family names nothing. Expansions by a search list
 * (`api.openai.com.corp.example`) are no candidates where the bare name was asked after them: a resolver goes on to it only
 * because the expansion gave nothing to connect to. `asked` are the questions of this client, at most `MOST_ASKED_NAMES`
 * names; with as many the rest is unknown, and nothing is taken away.
 */
export function namesFromQuestions(
  connection: { readonly serverIp: string; readonly firstMs: UnixMillis },
  asked: readonly AskedName[],
): string[] {
  const kind = parseAddress(connection.serverIp)?.kind()
  if (kind === undefined) return []
  const { fromMs, toMs } = askedWindow(connection.firstMs)
  const last = new Map<string, UnixMillis>()
  for (const { name, family, lastMs } of asked) {
    if (family !== (kind === 'ipv4' ? 4 : 6) || lastMs < fromMs || lastMs > toMs) continue
    last.set(name, Math.max(last.get(name) ?? lastMs, lastMs))
  }
  const names = [...last.keys()].sort()
  if (names.length >= MOST_ASKED_NAMES) return names
  const isExpansion = (name: string): boolean =>
    names.some((bare) => name.startsWith(`${bare}.`) && (last.get(bare) ?? 0) >= (last.get(name) ?? 0))
  return names.filter((name) => !isExpansion(name))
}
