import { emptyDecodeResult, type RejectReason } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { decodeFlow } from './decode-flow'
import { type FoundRecord, findRecords } from './dialect'
import { decodeEnterprise } from './enterprise'
import { markSiblings } from './sibling-records'
import { recogniseText } from './strangers'
import { flowOfWhisker, WHISKER_NOTES } from './whisker'
import { RecordFault } from './wire'

export interface CalicoOptions {
  /** The node whose agent sends all records of the batch. */
  readonly node?: string
}

/**
 * Decoder of Calico's flows: Goldmane's as JSON (the emitter's lines with enums as numbers, protojson in camelCase or
 * snake_case, protobuf read by protobufjs with `keepCase`), each alone, as `FlowResult`, in a list, or in a shipper's
 * wrapper; the answers of Whisker; the flow logs of Calico Enterprise and Cloud. Other dialects of Calico are refused as
 * `unsupported_dialect`, by name; a text in place of an object is looked at for that. Records name no cluster: whoever
 * stores them scopes `recordKey` by cluster. formats/calico.md is the law.
 */
export function createCalicoDecoder(options: CalicoOptions = {}): BatchDecoder {
  const out = emptyDecodeResult()
  const decoded: Flow[] = []
  const reject = (line: number, reason: RejectReason, detail: string) => void out.rejects.push({ line, reason, detail })

  const take = (found: FoundRecord, line: number) => {
    try {
      const result = decodeOne(found, options)
      if (typeof result === 'string') out.ignored[result] = (out.ignored[result] ?? 0) + 1
      else decoded.push({ ...result, line })
    } catch (fault) {
      if (!(fault instanceof RecordFault)) throw fault
      reject(line, fault.reason, fault.message)
    }
  }

  return {
    push(value, line) {
      if (!isRecord(value)) {
        const dialect = typeof value === 'string' ? recogniseText(value) : undefined
        return reject(
          line,
          dialect ? 'unsupported_dialect' : 'not_an_object',
          dialect ?? 'the record is no JSON object',
        )
      }
      const found = findRecords(value)
      if ('reason' in found) return reject(line, found.reason, found.detail)
      for (const record of found.records) take(record, line)
    },
    finish: () => ({ ...out, flows: markSiblings(decoded) }),
  }
}

function decodeOne({ dialect, wire }: FoundRecord, { node }: CalicoOptions): Flow | 'stale_zero_deny' {
  switch (dialect) {
    case 'enterprise':
      return decodeEnterprise(wire)
    case 'whisker':
      return decodeFlow(flowOfWhisker(wire), { notes: WHISKER_NOTES })
    case 'goldmane':
      return decodeFlow(wire, node ? { node } : {})
  }
}
