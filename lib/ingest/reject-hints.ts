import { REJECT_REASONS, type RecordReject, type RejectReason } from '@/lib/model/decoded'
import type { RejectGroup } from '@/lib/model/ingest-result'
import type { SourceName } from '@/lib/model/source-name'
import type { SortedByTime } from './sort-by-time'

/** How to fix the sender, one sentence per reason; also in docs/errors.md. */
export const REJECT_HINT: Readonly<Record<RejectReason, string>> = {
  not_json: 'Send one JSON object per line; a cut line usually comes from a log rotation or a shipper limit.',
  not_an_object: 'Each record must be a JSON object.',
  line_too_long: 'A record may have at most 1 MiB; use a field mask on the exporter.',
  nested_too_deep: 'A record may nest at most 64 levels.',
  unsupported_dialect: 'This dialect is not supported yet; see docs/formats.md for those that are.',
  no_flow: 'The record is no flow of this source; see docs/formats.md.',
  missing_time: 'The record needs its time.',
  missing_endpoints: 'The record needs both of its ends.',
  bad_value: 'A field has a value that its type does not allow.',
  bad_policy: 'A policy string could not be read.',
  bad_id: 'Trace ids are 32 and span ids 16 hex digits, not all zero.',
  empty_record: 'The record is an empty object.',
  too_old:
    'Live data take no record that retention would delete. Keep it in a pinned dataset: `npm run postern -- import FILE --dataset NAME`, or send it with `?dataset=NAME`.',
  in_the_future: 'The record is more than 5 minutes ahead of this server’s clock: check the sender’s clock.',
  metrics_not_stored:
    'Postern keeps no metrics: set OTEL_METRICS_EXPORTER=none, or take its exporter out of the collector’s metrics pipeline.',
}

/** Who sent the records: the fix lies with that tool. */
export type RejectSource = 'hubble' | 'calico' | 'otlp' | 'nat' | 'nat-log' | 'dns'

const OWN_HINT: Readonly<Record<RejectSource, Partial<Record<RejectReason, string>>>> = {
  hubble: {
    no_flow: 'Send what `hubble observe -o json` or the Hubble exporter writes: {"flow":{…}}.',
    missing_time: 'Keep `time` in the exporter’s field mask.',
    missing_endpoints: 'Keep `IP`, `source` and `destination` in the exporter’s field mask.',
  },
  calico: {
    not_json:
      'Send one JSON object per line. A record cut at about 1024 bytes comes from syslog: raise `packetSize` of the LogCollector.',
    no_flow:
      'Send Goldmane flows ({"Key":{…},"start_time":…}, or FlowResult in JSON), or the flow logs of Calico Enterprise or Cloud.',
    missing_time: 'Keep `start_time` and `end_time`, in seconds.',
    missing_endpoints: 'Keep the source and destination fields.',
  },
  otlp: {
    missing_time: 'A span needs start_time_unix_nano and end_time_unix_nano.',
    unsupported_dialect: 'Of logs only flow and DNS records of Calico and Cilium are taken; see docs/otlp.md.',
  },
  nat: {
    unsupported_dialect: 'Send `conntrack -E -o extended,timestamp,id`, its XML, or ulogd2’s JSON.',
    missing_time: 'Add `timestamp` to the output options of conntrack.',
  },
  'nat-log': {
    unsupported_dialect: 'This URL takes another log; docs/nat-evidence.md says what each takes and how to ship it.',
    missing_time: 'Keep the record’s time; AWS flow logs need the fields start and end.',
    missing_endpoints: 'AWS flow logs need dstaddr, pkt-srcaddr and pkt-dstaddr: make one with a custom format.',
  },
  dns: {
    no_flow: 'Send the DNS logs of Calico Enterprise or Cloud, one JSON record each.',
    not_an_object: 'Send the lines of CoreDNS’ log, or JSON of a shipper with the line under `log` or `message`.',
    missing_time:
      'CoreDNS prints no time: ship the container runtime’s lines (`<time> stdout F …`), or let Fluent Bit write one (`json_date_key date`, `json_date_format iso8601`).',
    bad_value: 'A field has a value that its type does not allow; CoreDNS: use `log` without a format of your own.',
  },
}

/** How to fix the sender, in the words of its tool where they help. */
const hintOf = (reason: RejectReason, source: RejectSource): string => OWN_HINT[source][reason] ?? REJECT_HINT[reason]

/** The same for any source, those without words of their own included. */
export function rejectHint(reason: RejectReason, source: SourceName): string {
  const own: Readonly<Partial<Record<SourceName, Partial<Record<RejectReason, string>>>>> = OWN_HINT
  return own[source]?.[reason] ?? REJECT_HINT[reason]
}

const LINES_SHOWN = 5

/** Rejects by reason, most frequent first, with the first few line numbers. */
export function groupRejects(rejects: readonly RecordReject[], source: RejectSource): RejectGroup[] {
  const groups = new Map<RejectReason, RecordReject[]>()
  for (const reject of rejects) {
    const known = groups.get(reject.reason)
    if (known) known.push(reject)
    else groups.set(reject.reason, [reject])
  }
  return [...groups.entries()]
    .map(([reason, items]) => {
      const detail = items.find((item) => item.detail)?.detail
      // Line 0: the format does not tell where the record stood.
      const lines = items.flatMap((item) => (item.line > 0 ? [item.line] : [])).slice(0, LINES_SHOWN)
      return { reason, count: items.length, lines, hint: hintOf(reason, source), ...(detail && { detail }) }
    })
    .sort((a, b) => b.count - a.count)
}

/** Adds refusals that are only counted, and what was wrong with the first of them, to groups that name lines. */
export function addRefused(
  groups: readonly RejectGroup[],
  { refused, details }: Pick<SortedByTime<unknown>, 'refused' | 'details'>,
  source: RejectSource,
): RejectGroup[] {
  const byReason = new Map(groups.map((group) => [group.reason, group]))
  for (const reason of REJECT_REASONS) {
    const more = refused[reason] ?? 0
    if (more === 0) continue
    const group = byReason.get(reason) ?? { reason, count: 0, lines: [], hint: hintOf(reason, source) }
    const detail = group.detail ?? details[reason]
    byReason.set(reason, { ...group, count: group.count + more, ...(detail && { detail }) })
  }
  return [...byReason.values()].sort((a, b) => b.count - a.count)
}
