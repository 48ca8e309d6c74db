import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ChannelKind, Notice, NoticeKind, NotifiedFinding } from '@/lib/model/notification'
import { alertmanagerPayload, alertmanagerUrl, repeatPayload } from './alertmanager-payload'
import { makeRequest } from './make-request'
import type { Message } from './message'
import { escapeSlack, slackPayload } from './slack-payload'

const NOW = Date.UTC(2026, 10, 26, 12)
const FINDING: NotifiedFinding = {
  id: '0f1e',
  detector: 'D0',
  severity: 'critical',
  certainty: 'fact',
  status: 'open',
  isAccepted: false,
  dataset: '',
  cluster: 'prod',
  workload: 'agents/planner',
  target: 'OpenAI (api.openai.com)',
  title: 'agents/planner reaches OpenAI by 198.51.100.7, not by nat-a',
  count: 3,
  firstSeenMs: NOW - 60_000,
  lastSeenMs: NOW - 1000,
}
const notice = (kind: NoticeKind, finding: Partial<NotifiedFinding> = {}, more: Partial<Notice> = {}): Notice => ({
  kind,
  atMs: NOW - 500,
  key: `k:${kind}`,
  finding: { ...FINDING, ...finding },
  ...more,
})
const message = (notices: readonly Notice[], more: Partial<Message> = {}): Message => ({
  id: 'message-1',
  isTest: false,
  channel: 'on call',
  notices,
  createdMs: NOW,
  nowMs: NOW,
  publicUrl: 'https://postern.example',
  version: '1.2.3',
  ...more,
})
const request = (kind: ChannelKind, sent: Message, more: { url?: string; secret?: string } = {}) =>
  makeRequest({ kind, url: 'https://hooks.example/x', ...more }, sent)

const HOSTILE = 'ns/<!channel> <https://evil.example|click> *b* & @here\n\u202eevil\u0000'

describe('the generic payload', () => {
  it('tells what happened to which finding, with a link', () => {
    const body: unknown = JSON.parse(request('generic', message([notice('opened')])).body)
    expect(body).toEqual({
      version: 1,
      id: 'message-1',
      type: 'findings',
      createdAt: '2026-11-26T12:00:00.000Z',
      channel: 'on call',
      postern: { version: '1.2.3', url: 'https://postern.example' },
      events: [
        {
          kind: 'opened',
          at: '2026-11-26T11:59:59.500Z',
          key: 'k:opened',
          finding: {
            id: '0f1e',
            detector: 'D0',
            severity: 'critical',
            certainty: 'fact',
            status: 'open',
            cluster: 'prod',
            workload: 'agents/planner',
            target: 'OpenAI (api.openai.com)',
            title: 'agents/planner reaches OpenAI by 198.51.100.7, not by nat-a',
            count: 3,
            firstSeen: '2026-11-26T11:59:00.000Z',
            lastSeen: '2026-11-26T11:59:59.000Z',
            url: 'https://postern.example/findings/0f1e',
          },
        },
      ],
    })
  })

  it('is signed with its time, and a repeat has the same body and the same key', () => {
    const sent = message([notice('opened')])
    const [first, second] = [sent, { ...sent, nowMs: NOW + 60_000 }].map((one) =>
      request('generic', one, { secret: 'hush' }),
    )
    expect(second?.body).toBe(first?.body)
    expect([first, second].map((one) => one?.headers['idempotency-key'])).toEqual(['message-1', 'message-1'])
    for (const one of [first, second]) {
      const timestamp = one?.headers['x-postern-timestamp']
      const expected = createHmac('sha256', 'hush').update(`${timestamp}.${one?.body}`).digest('hex')
      expect(one?.headers['x-postern-signature']).toBe(`v1=${expected}`)
    }
    expect(second?.headers['x-postern-timestamp']).toBe(String(NOW / 1000 + 60))
  })

  it('without a key has no signature, and a name and password of the address go in their header', () => {
    const { url, headers } = request('generic', message([]), { url: 'https://me:p%40ss@hooks.example/x' })
    expect(url).toBe('https://hooks.example/x')
    expect(headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
    expect(headers).not.toHaveProperty('x-postern-signature')
  })
})

describe('the Slack payload', () => {
  it('has a line per notice and a text for notifications', () => {
    expect(slackPayload(message([notice('opened')]))).toEqual({
      text: 'Postern: Opened, critical: agents/planner reaches OpenAI by 198.51.100.7, not by nat-a',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*Opened* · critical · D0 · prod\nagents/planner reaches OpenAI by 198.51.100.7, not by nat-a <https://postern.example/findings/0f1e|Open in Postern>',
            verbatim: true,
          },
        },
      ],
      unfurl_links: false,
      unfurl_media: false,
    })
  })

  it('no text from a cluster makes a mention, a link, a format or a second line', () => {
    const text = JSON.stringify(
      slackPayload(message([notice('opened', { title: HOSTILE, cluster: HOSTILE })], { publicUrl: undefined })),
    )
    expect(text).not.toMatch(/<|>/)
    expect(text.match(/\\n/g)).toHaveLength(1)
    expect(text).not.toMatch(/\u202e|\\u0000/)
    expect(escapeSlack('*b*')).not.toMatch(/\*b\*/)
  })

  it('shows twenty lines and says how many there are more, within the sizes that Slack takes', () => {
    const notices = Array.from({ length: 33 }, () => notice('opened', { title: '&'.repeat(5000) }))
    const payload = JSON.parse(JSON.stringify(slackPayload(message(notices))))
    expect(payload.blocks).toHaveLength(21)
    expect(payload.blocks.at(-1).text.text).toBe('… and 13 more.')
    for (const block of payload.blocks) expect(block.text.text.length).toBeLessThanOrEqual(3000)
  })
})

describe('the Alertmanager payload', () => {
  it('names the alert by labels, and ends what is open minutes after the last repeat', () => {
    expect(alertmanagerPayload(message([notice('opened')]))).toEqual([
      {
        labels: {
          alertname: 'PosternD0',
          severity: 'critical',
          cluster: 'prod',
          namespace: 'agents',
          workload: 'planner',
          detector: 'D0',
          target: 'OpenAI (api.openai.com)',
          finding: '0f1e',
        },
        annotations: {
          summary: 'agents/planner reaches OpenAI by 198.51.100.7, not by nat-a',
          description: 'Seen 3 times, last 2026-11-26T11:59:59.000Z.',
        },
        startsAt: '2026-11-26T11:59:00.000Z',
        endsAt: '2026-11-26T12:05:00.000Z',
        generatorURL: 'https://postern.example/findings/0f1e',
      },
    ])
  })

  it('a repeat and the end have the labels of the beginning; the end is never before the start', () => {
    const [opened] = alertmanagerPayload(message([notice('opened')]))
    const [again] = repeatPayload([FINDING], NOW + 60_000, undefined)
    expect(again).toMatchObject({ labels: opened?.labels, endsAt: '2026-11-26T12:06:00.000Z' })
    for (const kind of ['resolved', 'accepted'] as const)
      expect(alertmanagerPayload(message([notice(kind)]))).toMatchObject([
        { labels: opened?.labels, endsAt: '2026-11-26T11:59:59.500Z' },
      ])
    const [odd] = alertmanagerPayload(message([notice('resolved', { firstSeenMs: NOW + 5000 })]))
    expect(odd?.endsAt).toBe(odd?.startsAt)
  })

  it('what gets worse ends the alert that it was', () => {
    expect(alertmanagerPayload(message([notice('escalated', {}, { before: 'high' })]))).toMatchObject([
      { labels: { severity: 'high' }, endsAt: '2026-11-26T11:59:59.500Z' },
      { labels: { severity: 'critical' }, endsAt: '2026-11-26T12:05:00.000Z' },
    ])
  })

  it('tells the last of several notices of one finding, and no empty labels', () => {
    const alerts = alertmanagerPayload(
      message([notice('opened'), notice('resolved'), notice('opened', { id: 'b', workload: 'lone', cluster: '' })]),
    )
    expect(alerts).toHaveLength(2)
    expect(alerts[0]?.endsAt).toBe('2026-11-26T11:59:59.500Z')
    expect(Object.keys(alerts[1]?.labels ?? {})).not.toContain('namespace')
    expect(Object.keys(alerts[1]?.labels ?? {})).not.toContain('cluster')
  })

  it.each([
    ['http://am:9093', 'http://am:9093/api/v2/alerts'],
    ['http://am:9093/', 'http://am:9093/api/v2/alerts'],
    ['https://x.example/am/', 'https://x.example/am/api/v2/alerts'],
    ['https://x.example/api/v2/alerts', 'https://x.example/api/v2/alerts'],
  ])('%s is posted to at %s', (base, url) => expect(alertmanagerUrl(base)).toBe(url))
})

it.each(['generic', 'slack', 'alertmanager'] as const)('a test message of %s says that it is one', (kind) => {
  expect(request(kind, message([], { isTest: true })).body).toMatch(/test/i)
})
