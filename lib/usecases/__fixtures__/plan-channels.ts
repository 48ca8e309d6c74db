import 'server-only'
import type { Finding } from '@/lib/model/finding'
import { HOUR_MS } from '@/lib/model/units'
import { withTransaction } from '@/lib/store/client'
import { enqueueNotifications } from '@/lib/store/notification-outbox'
import { changeChannel, channels, createChannel, deliveries, removeChannel, testChannel } from '../notification-channels'
import { sendPending } from '../send-notifications'

/**
 * Everything that can become of what a channel is told: held, dropped, sent, told again. The channel is gone afterwards. Answers how many
 * messages it had, and whether some of too many were dropped.
 */
export async function tellChannels(
  finding: Finding,
  nowMs: number,
): Promise<{ readonly told: number; readonly hasDropped: boolean }> {
  const settings = { policy: { allowLoopback: false, allowPrivate: false }, version: '0' }
  const filter = { minSeverity: 'info', detectors: [], clusters: [], withPossible: true, sendResolved: true } as const
  const input = { ...filter, name: 'plans', kind: 'alertmanager', isEnabled: true, url: 'http://127.0.0.1:1' } as const
  const tell = (kind: string, more = {}, agoMs = 0) =>
    withTransaction((client) =>
      enqueueNotifications(
        client,
        [{ kind, atMs: nowMs, finding: { ...finding, dataset: '', status: 'open', severity: 'high', ...more } }],
        nowMs - agoMs,
      ),
    )
  const send = (atMs: number) =>
    sendPending(settings, {
      rests: new Map(),
      signal: new AbortController().signal,
      clock: { now: () => atMs, random: () => 0 },
    })
  const id = await createChannel(input, 'anna')
  await tell('opened')
  await send(nowMs)
  await send(nowMs + HOUR_MS)
  await tell('resolved', { status: 'resolved' })
  await tell('reopened')
  await tell('escalated', { severity: 'critical' })
  await tell('resolved', { status: 'resolved' })
  await changeChannel(id, input, 'anna')
  await testChannel(id, settings, nowMs)
  const told = (await deliveries(id)).length
  const many = Array.from({ length: 1100 }, (_, n) => ({
    kind: 'opened',
    atMs: nowMs,
    finding: {
      ...finding,
      dataset: '',
      status: 'open',
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    },
  }))
  await withTransaction((client) => enqueueNotifications(client, many, nowMs))
  const hasDropped = ((await channels())[0]?.dropped ?? 0) > 0
  await removeChannel(id, 'anna')
  return { told, hasDropped }
}
