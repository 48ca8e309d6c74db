/** What an API server answered in place of what was asked for, or why it could not be asked (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Pause that the server asks for. */
    readonly retryAfterMs?: number,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.name = 'ApiError'
  }
}

/** The resource version, or the token of the next page, is no longer known: list anew. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 410
