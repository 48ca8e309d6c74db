import { CopyButton } from './copy-button'

/** A command to paste, with a button that copies it. */
export function CommandBlock({ text }: { text: string }) {
  return (
    <div className="flex min-w-0 items-start gap-2 rounded-md border border-(--border) bg-(--surface-2) p-2">
      <pre
        // Long lines scroll; a scrolling region must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto p-1 text-[12px]"
      >
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  )
}
