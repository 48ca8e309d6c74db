import type { RecordReject, RejectReason } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { type FramedRecord, JsonRecordSplitter } from '../framing/json-records'
import { recogniseRecord } from '../recognise'
import type { FramedMessage } from './frame-syslog'
import { parseSyslog } from './parse-syslog'

const FRAMING = { maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting }
const CUT_OFF = 'the record is cut off'
const ECHOED = 40

/** What messages hold: records of formats that we read, and a reject for each of the rest. `line` counts messages from 1. */
export interface SyslogRecords {
  readonly records: readonly { readonly value: unknown; readonly line: number }[]
  readonly rejects: readonly RecordReject[]
}

/** Reads the JSON record that each message carries. Never throws. */
export function readSyslogMessages(messages: readonly FramedMessage[]): SyslogRecords {
  const records: { value: unknown; line: number }[] = []
  const rejects: RecordReject[] = []
  for (const [index, message] of messages.entries())
    for (const one of readMessage(message, index + 1)) {
      if ('reject' in one) rejects.push(one.reject)
      else records.push(one)
    }
  return { records, rejects }
}

function readMessage(message: FramedMessage, line: number): readonly FramedRecord[] {
  if ('isTooLong' in message) return [refused(line, 'line_too_long')]
  if ('broken' in message) return [refused(line, 'not_json', `${message.broken}; the connection was closed`)]
  const parsed = parseSyslog(message.bytes)
  if (!parsed) return [refused(line, 'not_json', 'the structured data of the syslog header do not end')]
  const splitter = new JsonRecordSplitter(FRAMING)
  const found = [...splitter.push(Buffer.from(parsed.content)), ...splitter.end()]
  if (found.length === 0) return [refused(line, 'not_json', 'the message is empty')]
  return found.map((record): FramedRecord => {
    if ('value' in record)
      return recogniseRecord(record.value)
        ? { line, value: record.value }
        : refused(
            line,
            'unsupported_dialect',
            `a record of ${parsed.appName?.slice(0, ECHOED) ?? 'an unnamed program'}`,
          )
    const { reason, detail } = record.reject
    return refused(line, reason, detail?.startsWith(CUT_OFF) ? cutDetail(message.bytes.length) : detail)
  })
}

/** Calico Enterprise cuts records at `packetSize`, which is 1024 unless raised. */
const cutDetail = (bytes: number): string =>
  `cut off after ${bytes} bytes: raise packetSize of the LogCollector’s syslog store (default 1024)`

const refused = (line: number, reason: RejectReason, detail?: string): FramedRecord => ({
  line,
  reject: { line, reason, ...(detail && { detail: detail.slice(0, 120) }) },
})
