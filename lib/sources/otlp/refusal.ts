import { textOf } from './attributes'
import type { WireSpan } from './wire'

const ERROR_CODES = ['error.type', 'error.code', 'gen_ai.error.code', 'exception.type']
const EXCEPTION_TEXTS = ['exception.message', 'exception.type', 'exception.stacktrace', 'error.message']

/** Keys of spans and of their events that this file reads; none of them is stored. */
export const REFUSAL_SPAN_KEYS: readonly string[] = [...ERROR_CODES, 'error.message', 'exception.message']
export const REFUSAL_EVENT_KEYS: readonly string[] = [...EXCEPTION_TEXTS, 'error.type', 'error.code']

/** OpenAI's error code, HTTP 401. developers.openai.com/api/docs/guides/ip-allowlist (read 2026-10) */
const OPENAI = /\bip_not_authorized\b/i
/** Anthropic's text, HTTP 403 `permission_error`. platform.claude.com/docs/en/manage-claude/ip-allowlist (read 2026-10) */
const ANTHROPIC = /\bIP address (?:isn['’]t|is not) in this organization['’]s allowed range/i

/**
 * Whether a failed span says that the provider refused the caller's address. Looks at the error code, the status message
 * and exception events, none of which is kept. It is the workload's word: a lead, not proof.
 */
export function isAddressRefused(span: WireSpan, httpStatus: number | undefined): boolean {
  const exceptions = span.events.filter((event) => event.name === 'exception' || event.name === 'error')
  const hasFailed = span.statusCode === 2 || exceptions.length > 0 || httpStatus === 401 || httpStatus === 403
  if (!hasFailed) return false
  const texts = [
    span.statusMessage,
    ...ERROR_CODES.map((key) => textOf(span.attributes, [key])),
    textOf(span.attributes, ['error.message', 'exception.message'], 4096),
    ...exceptions.flatMap((event) => REFUSAL_EVENT_KEYS.map((key) => textOf(event.attributes, [key], 4096))),
  ]
  return texts.some((text) => text !== undefined && (OPENAI.test(text) || ANTHROPIC.test(text)))
}
