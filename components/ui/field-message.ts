/** The first message in an error of react-hook-form, which is a tree like the value of its field. */
export function messageOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message
  for (const [key, inner] of Object.entries(error)) {
    // The control itself, not an error.
    if (key === 'ref') continue
    const message = messageOf(inner)
    if (message !== undefined) return message
  }
  return undefined
}
