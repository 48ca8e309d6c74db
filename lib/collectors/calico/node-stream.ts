import { once } from 'node:events'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { isAppError } from '@/lib/errors'
import type { DecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { pause } from '../pause'
import { WaitingRecords } from '../waiting-records'
import { decodeMessages } from './goldmane-run'
import type { GoldmaneMessage } from './protocol'

export type NodeCall = ServerDuplexStream<GoldmaneMessage, object>

export interface NodeStreamSettings {
  readonly node?: string
  readonly signal: AbortSignal
  readonly retryMs: number
  /** Answers after COMMIT. Errors: `unavailable`. */
  commit(decoded: DecodeResult): Promise<unknown>
  onDatabase(isAway: boolean): void
}

/** Each stream may hold its part of what a collector may. */
const BOUNDS = {
  records: LIMITS.pullRecords,
  bytes: Math.floor(LIMITS.pullWaitingBytes / LIMITS.nodeSocketStreams),
}

/**
 * Serves one stream of Felix: a receipt for each flow, after its COMMIT. Felix sends a flow and waits for its receipt, so nothing
 * is held back to make batches; what came while a commit ran goes together. A flow without a receipt is sent again by
 * Felix when it connects anew (it keeps 5 minutes), and counts once.
 */
export async function serveNodeStream(call: NodeCall, settings: NodeStreamSettings): Promise<void> {
  const waiting = new WaitingRecords<GoldmaneMessage>(BOUNDS, call)
  call.on('data', (message: GoldmaneMessage) => waiting.add(message, message.bytes))
  call.on('end', () => waiting.end())
  call.on('error', (error) => waiting.end(error))
  call.on('cancelled', () => waiting.drop())
  const stop = () => waiting.drop()
  settings.signal.addEventListener('abort', stop)
  try {
    for (;;) {
      if (settings.signal.aborted) return
      const { records, end } = await waiting.take(LIMITS.pullRecords, 0)
      if (records.length > 0 && (await commit(records, settings))) await acknowledge(call, records.length)
      if (end) return
    }
  } finally {
    settings.signal.removeEventListener('abort', stop)
    call.end()
  }
}

async function commit(records: readonly GoldmaneMessage[], settings: NodeStreamSettings): Promise<boolean> {
  const decoded = decodeMessages(records, settings.node)
  while (!settings.signal.aborted) {
    try {
      await settings.commit(decoded)
      settings.onDatabase(false)
      return true
    } catch (error) {
      if (!isAppError(error) || error.code !== 'unavailable') throw error
    }
    settings.onDatabase(true)
    await pause(settings.retryMs, settings.signal)
  }
  return false
}

async function acknowledge(call: NodeCall, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if (call.cancelled || call.destroyed) return
    if (!call.write({})) await roomToWrite(call)
  }
}

/** Until the other side reads on, or is gone. */
async function roomToWrite(call: NodeCall): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  await Promise.race(
    ['drain', 'cancelled', 'close'].map((event) => once(call, event, { signal }).catch(() => undefined)),
  )
  over.abort()
}
