/** A text that gives way at its start where it has no room, for its end tells more: a name behind the place that it is in. */
export function StartEllipsis({ text }: { text: string }) {
  return (
    // What overflows a line that runs from right to left is its left end; the text itself runs as it is written.
    <span className="block truncate text-left [direction:rtl]">
      <bdi dir="ltr">{text}</bdi>
    </span>
  )
}
