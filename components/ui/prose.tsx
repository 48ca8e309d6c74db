/** A sentence in which words between backticks are set as code. */
export function Prose({ text }: { text: string }) {
  const parts = text.split(/(`[^`]+`)/)
  return parts.map((part, index) =>
    // The parts of one sentence never change places.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    /^`.+`$/.test(part) ? <code key={index}>{part.slice(1, -1)}</code> : part,
  )
}
