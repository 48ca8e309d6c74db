/** What a question was answered last, and which question it was. */
export interface Answer<Data> {
  readonly of: string
  readonly data: Data | undefined
  readonly error: Error | null
}

/**
 * What is shown of a question that is asked again and again: the last answer to it, be it an error, while the next is waited for. The same
 * object as `before` where nothing differs.
 */
export function settledAnswer<Data>(
  before: Answer<Data> | undefined,
  now: Answer<Data> & { readonly isPending: boolean },
): Answer<Data> {
  const { of, data, error, isPending } = now
  const known = before?.of === of ? before : undefined
  if (known && (isPending || (known.data === data && known.error === error))) return known
  return { of, data, error }
}
