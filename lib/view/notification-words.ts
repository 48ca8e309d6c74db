import type { Channel, ChannelKind, Delivery, WebhookOutcome } from '@/lib/model/notification'
import { formatMoment } from './format'

export const KIND_WORDS: Readonly<Record<ChannelKind, string>> = {
  generic: 'Webhook (JSON)',
  slack: 'Slack',
  alertmanager: 'Alertmanager',
}

/** What the address of each kind is. */
export const URL_HINTS: Readonly<Record<ChannelKind, string>> = {
  generic: 'Where messages are posted to as JSON. It is shown to nobody again.',
  slack: 'The address of an incoming webhook. It is shown to nobody again.',
  alertmanager: 'Of the Alertmanager, for example http://alertmanager.monitoring:9093. It is shown to nobody again.',
}

/** What a channel is told of, in one sentence. */
export function filterSentence({ minSeverity, detectors, clusters, withPossible, sendResolved }: Channel): string {
  const severity = minSeverity === 'critical' ? 'Critical findings' : `Findings of severity ${minSeverity} and worse`
  const parts = [
    detectors.length > 0 ? `of ${detectors.join(', ')}` : '',
    clusters.length > 0 ? `in ${clusters.join(', ')}` : '',
    withPossible ? 'possible ones too' : '',
    sendResolved ? '' : 'not when it is over',
  ].filter(Boolean)
  return [severity, ...parts].join(', ')
}

/** What came of a test, in one sentence. */
export function testSentence({
  isSent,
  status,
  tookMs,
  answer,
}: WebhookOutcome & { readonly isSent: boolean }): string {
  const time = `${Math.max(1, Math.round(tookMs))} ms`
  if (isSent) return `Sent: it answered ${status} in ${time}.`
  if (status === undefined) return `Not sent: ${answer}.`
  return `Not taken: it answered ${status} in ${time}${answer ? `: ${answer}` : ''}.`
}

/** How far a message came, in one sentence. */
export function deliverySentence({ state, attempts, lastStatus, lastMs, lastAnswer, nextMs }: Delivery): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const answered =
    lastStatus === undefined ? '' : `, answered ${lastStatus}${lastMs === undefined ? '' : ` in ${lastMs} ms`}`
  if (state === 'sent') return `Sent, ${tries}${answered}`
  const why = lastAnswer ? `: ${lastAnswer}` : ''
  if (state === 'failed') return `Failed, ${tries}${answered}${why}`
  const next = nextMs === undefined ? '' : `, tried ${attempts === 0 ? '' : 'again '}at ${formatMoment(nextMs)}`
  return `Waits, ${tries}${answered}${why}${next}`
}
