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
    const endsAtOnce = this.lastCharacter === '\n' && piece.startsWith('\n')
    this.lastCharacter = piece.slice(-1)
    if (this.isSkipping) {
      this.isSkipping = !endsAtOnce && !piece.endsWith('\n\n')
      if (endsAtOnce && piece.length > 1) this.feed(piece.slice(1))
      return
    }
    this.parser.feed(piece)
    if (!this.isSkipping) return
    this.parser.reset()
    this.isSkipping = !piece.endsWith('\n\n')
    this.take(TOO_LARGE, 0)
  }
}

const TOO_LARGE: WhiskerRecord = {
  reason: 'line_too_long',
  detail: `an event over ${LIMITS.recordBytes} bytes (limit recordBytes)`,
}

function recordOf(data: string): WhiskerRecord {
  // The parser bounds what it keeps between chunks only.
  if (data.length > LIMITS.recordBytes) return TOO_LARGE
  try {
    return { value: JSON.parse(data) }
  } catch {
    return { reason: 'not_json', detail: 'an event whose data is no JSON' }
  }
}
