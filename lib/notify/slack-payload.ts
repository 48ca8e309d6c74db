import type { Notice } from '@/lib/model/notification'
import { findingUrl, type Message, oneLine, TEST_TEXT, WORD } from './message'

/** Slack takes 50 blocks, and 3000 characters in the text of one. */
export const SLACK_LINES = 20
const MOST_BLOCK = 2900
const MOST_TITLE = 200

/**
 * Slack's three characters with a meaning (docs.slack.dev, formatting message text): with them escaped no text makes a mention, a link
 * or a command. What only formats is taken apart by a character without width; links that Slack makes of bare addresses are switched
 * off by `verbatim`.
 */
export const escapeSlack = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, (mark) => `${mark}\u200b`)

const escapeUrl = (url: string): string =>
  url.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C')

/** The body of a Slack incoming webhook: one line per notice, with a text for notifications. */
export function slackPayload({ isTest, notices, publicUrl }: Message): object {
  if (isTest) return { text: TEST_TEXT, blocks: [section(TEST_TEXT)], unfurl_links: false, unfurl_media: false }
  const shown = notices.slice(0, SLACK_LINES)
  const more = notices.length - shown.length
  const blocks = shown.map((notice) => section(lineOf(notice, publicUrl)))
  if (more > 0) blocks.push(section(`… and ${more} more.`))
  return { text: headlineOf(notices), blocks, unfurl_links: false, unfurl_media: false }
}

/** What a notification shows; it is read as mrkdwn too. */
function headlineOf(notices: readonly Notice[]): string {
  const [first] = notices
  if (!first) return 'Postern'
  const title = escapeSlack(oneLine(first.finding.title, MOST_TITLE))
  const more = notices.length > 1 ? ` (and ${notices.length - 1} more)` : ''
  return `Postern: ${WORD[first.kind]}, ${first.finding.severity}: ${title}${more}`
}

function lineOf({ kind, finding }: Notice, publicUrl: string | undefined): string {
  const url = findingUrl(publicUrl, finding.id)
  const link = url ? ` <${escapeUrl(url)}|Open in Postern>` : ''
  const where = escapeSlack(oneLine(finding.cluster, 100))
  const what = escapeSlack(oneLine(finding.title, MOST_TITLE))
  const doubt = finding.certainty === 'possible' ? ', possible' : ''
  return `*${WORD[kind]}* · ${finding.severity}${doubt} · ${finding.detector} · ${where}\n${what}${link}`
}

const section = (text: string) => ({
  type: 'section',
  text: { type: 'mrkdwn', text: text.slice(0, MOST_BLOCK), verbatim: true },
})
