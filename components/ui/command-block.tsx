import { CopyButton } from './copy-button'

/** A command to paste, with a button that copies it. */
export function CommandBlock({ text }: { text: string }) {
  return (
    <div className="relative">
      <pre
        // Long lines scroll; a scrolling region must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        className="overflow-x-auto rounded-md border border-(--border) bg-(--surface-2) p-3 pr-24 text-[12px]"
      >
        {text}
      </pre>
      <div className="absolute top-2 right-2">
        <CopyButton text={text} />
      </div>
    </div>
  )
}
