import 'server-only'
import type { RecordReject } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'

/** Cuts a body of JSON into records, and takes apart the two things that come out of it. */
export class JsonBody {
  /** What could not be cut out or read; in the order of the body. */
  readonly rejects: RecordReject[] = []
  private readonly splitter: JsonRecordSplitter

  constructor(
    private readonly onRecord: (value: unknown, line: number) => void,
    options: {
      readonly recogniseText?: (line: string) => string | undefined
      readonly envelopes?: readonly string[]
    } = {},
  ) {
    this.splitter = new JsonRecordSplitter({ maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting, ...options })
  }

  push(chunk: Uint8Array): void {
    this.take(this.splitter.push(chunk))
  }

  end(): void {
    this.take(this.splitter.end())
  }

  private take(records: ReturnType<JsonRecordSplitter['push']>): void {
    for (const record of records) {
      if ('value' in record) this.onRecord(record.value, record.line)
      else this.rejects.push(record.reject)
    }
  }
}
