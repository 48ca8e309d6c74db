import 'server-only'
import { logger } from '@/lib/observability/logger'

/** What makes a file, piece by piece. */
export interface FileMaker {
  /** The next piece; undefined behind the last. Not asked again before it answered. */
  next(): Promise<string | undefined>
  /** Nobody reads any more: once, and only where the end was not reached. */
  stop(): void
}

/** A reader that takes nothing for so long is gone. */
const STALLED_MS = 60_000

/**
 * A body that is made while it is read: a piece is asked for when the one before has been taken, so that memory is that of two pieces. Where
 * making fails the connection is cut, which no client takes for a whole file; the log has the cause. A reader that leaves, or takes
 * nothing for a minute, stops the making.
 */
export function streamFile(name: string, maker: FileMaker): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stalled: NodeJS.Timeout | undefined
  let isOver = false
  const finish = (isWhole: boolean) => {
    clearTimeout(stalled)
    if (!isOver && !isWhole) maker.stop()
    isOver = true
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        try {
          const piece = await maker.next()
          if (isOver) return
          if (piece === undefined) {
            finish(true)
            controller.close()
            return
          }
          controller.enqueue(encoder.encode(piece))
          stalled = setTimeout(() => {
            finish(false)
            controller.error(new Error('the reader takes nothing'))
          }, STALLED_MS)
          stalled.unref()
        } catch (error) {
          if (isOver) return
          finish(false)
          logger().error({ file: name, error }, 'a file could not be made to its end')
          controller.error(error)
        }
      },
      cancel: () => finish(false),
    },
    { highWaterMark: 1 },
  )
}
