import type { Notice } from '@/lib/model/notification'
import { findingUrl, type Message, oneLine, timeText } from './message'

/** Version of the form below: it grows by fields; anything else is another version (docs/notifications.md). */
export const GENERIC_VERSION = 1

/** The body of a generic webhook. */
export function genericPayload({ id, isTest, channel, notices, createdMs, publicUrl, version }: Message): object {
  return {
    version: GENERIC_VERSION,
    id,
    type: isTest ? 'test' : 'findings',
    createdAt: timeText(createdMs),
    channel,
    postern: { version, ...(publicUrl && { url: publicUrl }) },
    events: notices.map((notice) => eventOf(notice, publicUrl)),
  }
}

function eventOf({ kind, atMs, key, before, finding }: Notice, publicUrl: string | undefined): object {
  const url = findingUrl(publicUrl, finding.id)
  return {
    kind,
    at: timeText(atMs),
    key,
    finding: {
      id: finding.id,
      detector: finding.detector,
      severity: finding.severity,
      ...(before && { severityBefore: before }),
      certainty: finding.certainty,
      status: finding.status,
      cluster: oneLine(finding.cluster),
      workload: oneLine(finding.workload),
      target: oneLine(finding.target),
      title: oneLine(finding.title),
      count: finding.count,
      firstSeen: timeText(finding.firstSeenMs),
      lastSeen: timeText(finding.lastSeenMs),
      ...(url && { url }),
    },
  }
}
