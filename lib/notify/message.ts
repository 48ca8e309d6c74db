import type { Notice, NoticeKind } from '@/lib/model/notification'
import type { UnixMillis } from '@/lib/model/units'

/** What a message is made of. */
export interface Message {
  /** The same for every attempt: receivers tell repeats by it. */
  readonly id: string
  readonly isTest: boolean
  readonly channel: string
  /** In the order in which it happened. */
  readonly notices: readonly Notice[]
  readonly createdMs: UnixMillis
  /** When this attempt is made. */
  readonly nowMs: UnixMillis
  /** Where people open Postern, without a trailing slash; undefined where nobody said. */
  readonly publicUrl?: string
  readonly version: string
}

/** Characters kept of a text from a cluster. */
const MOST_TEXT = 300

export const WORD: Readonly<Record<NoticeKind, string>> = {
  opened: 'Opened',
  reopened: 'Open again',
  escalated: 'Got worse',
  resolved: 'Resolved',
  accepted: 'Risk accepted',
}

/** What a test message says, in every form. */
export const TEST_TEXT = 'This is a test message from Postern. Nothing has happened.'

/** Control characters, line ends, lone surrogates, and what turns the direction of the text around it. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A hostile text on one line: nothing that breaks lines, hides or turns text; at most `most` characters. */
export function oneLine(text: string, most = MOST_TEXT): string {
  const clean = text
    .slice(0, 4 * most)
    .replace(UNSHOWABLE, ' ')
    .trim()
  const characters = [...clean]
  return characters.length <= most ? clean : `${characters.slice(0, most - 1).join('')}…`
}

/** RFC 3339, UTC. Times beyond what a date can hold end there. */
export const timeText = (ms: UnixMillis): string =>
  new Date(Math.min(Math.max(ms, 0), 253_402_300_799_000)).toISOString()

/** Where a finding is shown; undefined where no public address is set. */
export const findingUrl = (publicUrl: string | undefined, findingId: string): string | undefined =>
  publicUrl && `${publicUrl}/findings/${encodeURIComponent(findingId)}`

/** One line of a delivery log: what is told of which finding. */
export const noticeLine = ({ kind, finding }: Notice): string =>
  `${WORD[kind]} (${finding.severity}): ${oneLine(finding.title, 160)}`
