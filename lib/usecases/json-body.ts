import 'server-only'
import type { RecordReject } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { type FramedRecord, JsonRecordSplitter, type ReadRecord } from '@/lib/sources/framing/json-records'

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
      /** Offered each record before it is parsed; what it takes does not come to `onRecord`. */
      readonly read?: ReadRecord
    } = {},
  ) {
    const { read, ...limits } = options
    this.splitter = new JsonRecordSplitter(
      { maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting, ...limits },
      read,
    )
  }

  push(chunk: Uint8Array): void {
    this.splitter.feed(chunk, this.sink)
  }

  end(): void {
    this.splitter.finish(this.sink)
  }

  private readonly sink = {
    push: (record: FramedRecord): void => {
      if ('value' in record) this.onRecord(record.value, record.line)
      else this.rejects.push(record.reject)
    },
  }
}
