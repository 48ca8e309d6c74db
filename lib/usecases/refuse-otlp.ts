import 'server-only'
import { AppError, isAppError } from '@/lib/errors'
import { encodeFailure, type OtlpResponse } from '@/lib/sources/otlp/respond'
import { declaredEncoding, otlpSignalOfPath } from '@/lib/sources/otlp/sniff'

export interface OtlpTarget {
  readonly method: string
  readonly pathname: string
  readonly contentType: string | null
  /** Where senders reach this server, without a trailing slash. */
  readonly baseUrl: string
}

/**
 * The answer to a request that no signal takes, in the sender's own encoding: another method than POST, a path that is none
 * of OTLP's (named, with the right ones), or profiles. undefined = it is for `receiveOtlp`.
 */
export function refuseOtlpTarget(target: OtlpTarget): OtlpResponse | undefined {
  const signal = otlpSignalOfPath(target.pathname)
  if (signal === undefined) return refuseOtlp(wrongPath(target), target.contentType)
  if (target.method !== 'POST')
    return refuseOtlp(
      new AppError('method_not_allowed', `OTLP is sent by POST, not ${target.method.slice(0, 16)}.`),
      target.contentType ?? 'application/json',
    )
  if (signal !== 'profiles') return undefined
  const profiles = new AppError('not_found', 'Profiles are not read here; these were not stored.', {
    hint: 'Take this exporter out of the profiles pipeline.',
  })
  return refuseOtlp(profiles, target.contentType)
}

/** A failure before anything of the body was read. What is no AppError must be answered by the caller. */
export function refuseOtlp(error: unknown, contentType: string | null): OtlpResponse {
  if (!isAppError(error)) throw error
  return encodeFailure(declaredEncoding(contentType) ?? 'protobuf', error)
}

function wrongPath({ pathname, baseUrl }: OtlpTarget): AppError {
  const base = baseUrl.slice(0, 300)
  return new AppError('not_found', `There is no OTLP path ${pathname.slice(0, 100)}.`, {
    hint:
      `Traces go to ${base}/v1/traces, logs that carry flow records to ${base}/v1/logs. Set the exporter’s endpoint to ` +
      `${base} (it appends the path itself), or its traces_endpoint or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL.`,
  })
}
