import { emptyDecodeResult, type RejectReason } from '@/lib/model/decoded'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { type DecodedFlow, decodeFlow } from './decode-flow'
import { findFlows, recogniseText } from './dialect'
import { markSiblings } from './sibling-records'
import { RecordFault, type Wire } from './wire'

/**
 * Decoder of Goldmane's flows as JSON: the emitter's lines (enums as numbers) and protojson in camelCase or snake_case, each
 * alone, as `FlowResult`, in a list, or in a shipper's wrapper. Other dialects of Calico are refused as
 * `unsupported_dialect`, by name; a text in place of an object is looked at for that. Records name no cluster: whoever
 * stores them scopes `recordKey` by cluster. formats/calico.md is the law.
 */
export function createCalicoDecoder(): BatchDecoder {
  const out = emptyDecodeResult()
  const decoded: DecodedFlow[] = []
  const reject = (line: number, reason: RejectReason, detail: string) => void out.rejects.push({ line, reason, detail })

  const take = (wire: Wire, line: number) => {
    try {
      const result = decodeFlow(wire)
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
      const found = findFlows(value)
      if ('reason' in found) return reject(line, found.reason, found.detail)
      for (const flow of found.flows) take(flow, line)
    },
    finish: () => ({ ...out, flows: markSiblings(decoded) }),
  }
}
