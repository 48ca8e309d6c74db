import 'server-only'
import { count } from '@/lib/observability/metrics'
import { processGlobal } from '@/lib/process-global'

const streams = (): Set<() => void> => processGlobal('live-streams', () => new Set<() => void>())

/** Counts an open stream and remembers how to end it; call the answer when it has ended. */
export function joinStream(end: () => void): () => void {
  streams().add(end)
  count('postern_stream_clients', 1)
  return () => {
    if (streams().delete(end)) count('postern_stream_clients', -1)
  }
}

/** Streams open in this process. */
export const openStreams = (): number => streams().size

/** Ends every open stream: browsers come back to whoever serves next. */
export function endStreams(): void {
  for (const end of [...streams()]) end()
}
