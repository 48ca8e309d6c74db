import { Button } from './button'

/** Why a page or a part of it shows nothing, and a way to try again. */
export function LoadProblem({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <div role="alert" className="grid justify-items-start gap-2">
      <p className="first-letter:uppercase">{text}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
