import 'server-only'
import { encodeOtherSignal, type OtlpResponse } from '@/lib/sources/otlp/respond'
import { declaredEncoding, otlpSignalOfPath } from '@/lib/sources/otlp/sniff'

/** The answer to OTLP signals that are not taken, in the sender's own encoding; undefined for a path that is no OTLP. */
export function refuseSignal(pathname: string, contentType: string | null): OtlpResponse | undefined {
  const signal = otlpSignalOfPath(pathname)
  if (signal === undefined || signal === 'traces') return undefined
  return encodeOtherSignal(declaredEncoding(contentType) ?? 'protobuf', signal)
}
