import { Button } from './button'

interface Props {
  readonly text: string
  /** What is missing, where its place does not say it: `The members`. */
  readonly what?: string
  onRetry(): void
}

/** Why a page or a part of it shows nothing, and a way to try again. */
export function LoadProblem({ text, what, onRetry }: Props) {
  return (
    <div role="alert" className="grid justify-items-start gap-2">
      <p className="first-letter:uppercase">{what ? `${what} could not be loaded: ${text}` : text}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
