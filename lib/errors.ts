/** Codes of expected failures, each with its HTTP status; docs/errors.md has a line for each. */
export const ERROR_STATUS = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
} as const
export type ErrorCode = keyof typeof ERROR_STATUS

const BRAND = Symbol.for('postern.error')

/**
 * An expected failure. `message` is safe to show to the caller; `hint` says how to fix it. Modules are instantiated more
 * than once in a Next process, so test with `isAppError`, never with `instanceof`.
 */
export class AppError extends Error {
  readonly [BRAND] = true
  readonly code: ErrorCode
  readonly hint?: string
  readonly retryAfterS?: number

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; hint?: string; retryAfterS?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
    this.retryAfterS = options.retryAfterS
  }
}

export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && BRAND in error
}
