import { emptyDecodeResult } from '@/lib/model/decoded'
import type { BatchDecoder } from '@/lib/sources/decoder'

/** Decoder of a log that holds no evidence: each record is refused with what to send instead, so that nobody waits for it. */
export function createRefusingDecoder(detail: string): BatchDecoder {
  const out = emptyDecodeResult()
  return {
    push: (_value, line) =>
      void out.rejects.push({ line, reason: 'unsupported_dialect', detail: detail.slice(0, 120) }),
    finish: () => out,
  }
}
