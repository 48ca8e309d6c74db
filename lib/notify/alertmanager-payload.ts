import type { NotifiedFinding } from '@/lib/model/notification'
import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import { findingUrl, type Message, oneLine, TEST_TEXT, timeText } from './message'

/** How often what is open is sent again: Alertmanager's clients repeat every 30 s to 3 min (prometheus.io, sending alerts). */
export const REPEAT_MS = MINUTE_MS
/** An alert ends by itself when nothing repeated it for so long: five repeats, whatever `resolve_timeout` there is. */
const ENDS_AFTER_MS = 5 * MINUTE_MS

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL?: string
}

/** Where alerts are posted: the API's path below the address of the Alertmanager, unless the address names it. */
export function alertmanagerUrl(base: string): string {
  const url = new URL(base)
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith('/api/v2/alerts') ? path : `${path}/api/v2/alerts`
  return url.href
}

/** The body of `POST /api/v2/alerts` for a message: what each finding is now, the last notice of each. */
export function alertmanagerPayload(message: Message): readonly Alert[] {
  if (message.isTest) return [testAlert(message)]
  const last = new Map(message.notices.map((notice) => [notice.finding.id, notice]))
  const { publicUrl, nowMs } = message
  return [...last.values()].flatMap(({ kind, atMs, before, finding }) => {
    const overMs = Math.max(atMs, finding.firstSeenMs)
    if (kind === 'resolved' || kind === 'accepted') return [alertOf(finding, { endsMs: overMs, publicUrl })]
    const alert = alertOf(finding, { endsMs: nowMs + ENDS_AFTER_MS, publicUrl })
    // Of another severity it is another alert.
    return before ? [alertOf({ ...finding, severity: before }, { endsMs: overMs, publicUrl }), alert] : [alert]
  })
}

/** The same for what is still open. */
export const repeatPayload = (
  findings: readonly NotifiedFinding[],
  nowMs: UnixMillis,
  publicUrl: string | undefined,
): readonly Alert[] => findings.map((finding) => alertOf(finding, { endsMs: nowMs + ENDS_AFTER_MS, publicUrl }))

/**
 * Labels name the alert: with other ones it would be another. Severity is one, since routes go by it: what gets worse ends the alert
 * that it was. Empty ones are left out, as Alertmanager does.
 */
function alertOf(
  finding: NotifiedFinding,
  { endsMs, publicUrl }: { readonly endsMs: UnixMillis; readonly publicUrl: string | undefined },
): Alert {
  const [namespace = '', workload = ''] = split(oneLine(finding.workload))
  const url = findingUrl(publicUrl, finding.id)
  const labels = {
    alertname: `Postern${finding.detector}`,
    severity: finding.severity,
    cluster: oneLine(finding.cluster),
    namespace,
    workload,
    detector: finding.detector,
    target: oneLine(finding.target),
    finding: finding.id,
  }
  return {
    labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
    annotations: {
      summary: oneLine(finding.title),
      description: `${finding.certainty === 'possible' ? 'Possible, not proven. ' : ''}Seen ${finding.count} times, last ${timeText(finding.lastSeenMs)}.`,
    },
    startsAt: timeText(finding.firstSeenMs),
    endsAt: timeText(endsMs),
    ...(url && { generatorURL: url }),
  }
}

/** `namespace/name`; what has no namespace is a name. */
function split(workload: string): readonly [string, string] {
  const at = workload.indexOf('/')
  return at < 0 ? ['', workload] : [workload.slice(0, at), workload.slice(at + 1)]
}

/** Ended when it begins: it is shown nowhere as open for long. */
const testAlert = ({ nowMs, channel }: Message): Alert => ({
  labels: { alertname: 'PosternTest', severity: 'info', channel: oneLine(channel) },
  annotations: { summary: TEST_TEXT },
  startsAt: timeText(nowMs),
  endsAt: timeText(nowMs + MINUTE_MS),
})
