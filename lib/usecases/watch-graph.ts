import 'server-only'
import { AppError } from '@/lib/errors'
import type { DrawnAs } from '@/lib/graph/choose-level'
import { ClientStream } from '@/lib/live/client-stream'
import { GraphHub } from '@/lib/live/graph-hub'
import type { GraphQuery } from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import { processGlobal } from '@/lib/process-global'
import { graphChangeReader } from '@/lib/store/graph-changes'
import { listenForGraphChanges } from '@/lib/store/listen'
import { joinStream, openStreams } from './live-streams'
import { takeResponse } from './node-response'
import { queryWholeGraph } from './query-graph'

const hub = (): GraphHub =>
  processGlobal(
    'graph-hub',
    () =>
      new GraphHub({
        load: (source) => queryWholeGraph(source, Date.now()),
        changes: graphChangeReader(),
        listen: listenForGraphChanges,
      }),
  )

/**
 * One client's stream of a view, as the bytes of `text/event-stream`: `snapshot` with a whole graph, then `patch` as records are
 * committed here or on any replica. With the id of the last event that the client has seen it goes on there, where that is not too
 * long ago (`Last-Event-ID`). Ends when the request is aborted. Errors: `unavailable` where a limit of streams is reached.
 */
export function streamGraph(
  query: GraphQuery,
  { signal, headers }: Pick<Request, 'signal' | 'headers'>,
): ReadableStream<Uint8Array> {
  if (openStreams() >= LIMITS.streamClients) throw tooMany('streamClients')
  if (!hub().hasRoomFor(query)) throw tooMany('streamWindows')
  let leave = (): void => undefined
  const stream = new ClientStream(
    (listener) => hub().watch(query, headers.get('last-event-id') ?? '', listener),
    () => leave(),
    takeResponse(headers),
  )
  leave = joinStream(() => stream.end())
  signal.addEventListener('abort', () => stream.end(), { once: true })
  if (signal.aborted) stream.end()
  return stream.body
}

/** How a view is drawn for those who watch it in this process; undefined where nobody does. */
export const watchedAs = (query: GraphQuery): DrawnAs | undefined => hub().drawnAs(query)

const tooMany = (limit: 'streamClients' | 'streamWindows'): AppError =>
  new AppError('unavailable', `as many live graphs are open as ${limit} allows (${LIMITS[limit]})`, {
    hint: 'Close some, or run more replicas.',
    retryAfterS: 10,
  })
