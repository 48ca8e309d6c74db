import { createParser, type EventSourceParser } from 'eventsource-parser'
import type { RejectReason } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'

/** One event of Whisker: its JSON, or why it is none. */
export type WhiskerRecord = { readonly value: unknown } | { readonly reason: RejectReason; readonly detail: string }

/**
 * Cuts an event stream into records. An event that is too large or no JSON is one refused record, and the stream goes on behind
 * it; one that the end of the stream cuts off is none.
 */
export class EventRecords {
  private readonly parser: EventSourceParser
  private readonly decoder = new TextDecoder()
  private isSkipping = false
  private lastCharacter = ''

  constructor(private readonly take: (record: WhiskerRecord, bytes: number) => void) {
    this.parser = createParser({
      maxBufferSize: LIMITS.recordBytes,
      onEvent: ({ data }) => this.take(recordOf(data), data.length),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.isSkipping = true
      },
    })
  }

  push(chunk: Uint8Array): void {
    const text = this.decoder.decode(chunk, { stream: true })
    // In pieces that end where an event does, so that after one that is too large it is known where the next begins.
    for (const piece of text.split(/(?<=\n\n)/)) if (piece !== '') this.feed(piece)
  }

  private feed(piece: string): void {
    const endsEvent = piece.endsWith('\n\n') || (this.lastCharacter === '\n' && piece.startsWith('\n'))
    this.lastCharacter = piece.slice(-1)
    const wasSkipping = this.isSkipping
    if (!wasSkipping) this.parser.feed(piece)
    if (!this.isSkipping) return
    if (!wasSkipping) {
      this.parser.reset()
      this.take({ reason: 'line_too_long', detail: `an event over ${LIMITS.recordBytes} bytes (limit recordBytes)` }, 0)
    }
    if (!endsEvent) return
    this.isSkipping = false
    if (wasSkipping && !piece.endsWith('\n\n')) this.parser.feed(piece.slice(1))
  }
}

function recordOf(data: string): WhiskerRecord {
  try {
    return { value: JSON.parse(data) }
  } catch {
    return { reason: 'not_json', detail: 'an event whose data is no JSON' }
  }
}
