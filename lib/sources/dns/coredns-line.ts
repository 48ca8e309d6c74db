import type { IgnoreReason, RejectReason } from '@/lib/model/decoded'
import type { AddressFamily } from '@/lib/model/dns-record'
import { LIMITS } from '@/lib/model/limits'
import type { UnixMillis } from '@/lib/model/units'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { dnsName, isOutsideName } from './dns-names'
import { timeOfText } from './log-time'

export type CorednsLine =
  | {
      readonly clientIp: string
      readonly clientPort: number
      readonly id: string
      readonly name: string
      readonly family: AddressFamily
      /** The line's own time; undefined where it has none. */
      readonly atMs: UnixMillis | undefined
    }
  | { readonly ignore: IgnoreReason }
  | { readonly reason: RejectReason; readonly detail: string }

/** `kubectl logs --prefix`. */
const POD_PREFIX = /^\[pod\/[^\]\s]{1,200}\] /
/** What a container runtime, `kubectl logs --timestamps`, or CoreDNS itself (before 1.5) puts first. */
const TIME_PREFIX = /^(\S{19,40}) (?:(?:stdout|stderr) [FP] )?/
const LEVEL = /^\[(INFO|DEBUG|WARNING|ERROR|FATAL|PANIC)\] /
/**
 * `{common}`: `{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize}
 * {duration}`; `{combined}` adds the opcode. https://coredns.io/plugins/log/
 */
const QUERY = /^(\[[^\]\s]{2,60}\]|[^\s[\]]{2,60}):(\d{1,5}) - (\d{1,5}) "(\S+) (\S+) (\S+) (\S+) \d+ \S+ \S+" (\S+) /
const LOOKS_LIKE_QUERY = /:\d{1,5} - \d{1,5} "/
/**
 * With the plugin `autopath` CoreDNS itself goes through the search list: it answers the first expansion for the bare name,
 * and logs it so. No service has three labels before its namespace, so that an expansion of such a name exists only then.
 */
const SEARCHED = /^([^.]+\.[^.]+\.[^.]+(?:\.[^.]+)*)\.[^.]+\.svc\.cluster\.local$/
const FAMILY: Readonly<Record<string, AddressFamily | undefined>> = { A: 4, AAAA: 6 }

/**
 * Reads one line of CoreDNS' log. Lines of other plugins and levels are `not_a_query`; queries that cannot name an address
 * outside the cluster (other types, other answers than NOERROR, names of the cluster, reverse look-ups) `names_nothing`.
 */
export function parseCorednsLine(text: string): CorednsLine {
  const line = text.trim().replace(POD_PREFIX, '')
  const prefix = TIME_PREFIX.exec(line)
  const atMs = prefix?.[1] === undefined ? undefined : timeOfText(prefix[1])
  const body = atMs !== undefined && prefix ? line.slice(prefix[0].length) : line
  const level = LEVEL.exec(body)
  if (level?.[1] !== 'INFO') return { ignore: 'not_a_query' }
  const match = QUERY.exec(body.slice(level[0].length))
  if (!match) {
    if (!LOOKS_LIKE_QUERY.test(body)) return { ignore: 'not_a_query' }
    return { reason: 'bad_value', detail: 'a query in a format of your own: use `log` without a format, or {combined}' }
  }
  const [, remote = '', port = '', id = '', type = '', queryClass, written = '', , rcode] = match
  const clientIp = canonicalIp(remote.replace(/^\[|\]$/g, ''))
  const clientPort = Number(port)
  if (clientIp === undefined || clientPort > 65_535) return { reason: 'bad_value', detail: 'the client is no address' }
  const family = Object.hasOwn(FAMILY, type) ? FAMILY[type] : undefined
  const whole = dnsName(written)
  const name = (whole !== undefined && SEARCHED.exec(whole)?.[1]) || whole
  if (family === undefined || queryClass !== 'IN' || rcode !== 'NOERROR') return { ignore: 'names_nothing' }
  if (name === undefined || !isOutsideName(name)) return { ignore: 'names_nothing' }
  return { clientIp, clientPort, id, name, family, atMs }
}

/** True for a line that is a query of CoreDNS' log, whatever became of the query. */
export const isCorednsQuery = (text: string): boolean =>
  text.length <= LIMITS.textLineBytes && text.includes('[INFO] ') && LOOKS_LIKE_QUERY.test(text)
