/** An answer that is no success, in the problem's own words. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }

  /** The server understood, and refused: asking again gives the same answer. */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500
  }
}

/** What was asked for does not exist, or an id has not the form of one: asking again is of no use. */
export const isMissing = (error: unknown): boolean =>
  error instanceof ProblemError && (error.status === 404 || error.status === 410)

/**
 * One answer of our own server; its type is what the handler returns, which the type checker holds on that side. Without a
 * session the browser goes to sign in. Throws a `ProblemError`.
 */
export async function fetchJson<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init)
  if (response.status === 401) window.location.assign(signInPath())
  if (!response.ok) throw await errorOf(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** What is thrown for an answer that is no success, with the server's own words. */
export const errorOf = async (response: Response): Promise<ProblemError> =>
  new ProblemError(response.status, await problemOf(response))

/** Signing in leads back to here. */
const signInPath = (): string =>
  `/sign-in?${new URLSearchParams({ next: `${window.location.pathname}${window.location.search}` })}`

/** A JSON body as the second argument of `fetchJson`. */
export const jsonBody = (value: unknown, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** What the server says is wrong with an answer that is no success, with its hint; its status where it says nothing. */
export async function problemOf(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => undefined)
  if (typeof problem !== 'object' || problem === null || !('detail' in problem))
    return `The server answered ${response.status}.`
  const hint = 'hint' in problem && typeof problem.hint === 'string' ? ` ${problem.hint}` : ''
  return `${String(problem.detail)}.${hint}`
}
