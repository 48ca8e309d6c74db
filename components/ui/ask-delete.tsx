'use client'
import { Button } from './button'

interface Props {
  /** What is asked: `Delete “nightly”?`. */
  readonly question: string
  readonly isPending: boolean
  readonly error: string | undefined
  onDelete(): void
  onKeep(): void
}

/** What stands in a list in the place of a line that is about to be deleted. */
export function AskDelete({ question, isPending, error, onDelete, onKeep }: Props) {
  return (
    <>
      <span className="min-w-0 flex-1 break-words">{question}</span>
      {/* What was pressed to ask is gone: the focus goes on to what it asked. */}
      <Button size="small" autoFocus disabled={isPending} onClick={onDelete}>
        Delete
      </Button>
      <Button size="small" onClick={onKeep}>
        Keep
      </Button>
      {error !== undefined && <p role="alert">{error}</p>}
    </>
  )
}
