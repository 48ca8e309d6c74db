import { Button } from '@/components/ui/button'

/** Why a panel shows nothing, and a way to try again. */
export function PanelProblem({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <div role="alert" className="grid justify-items-start gap-2">
      <p className="first-letter:uppercase">{text}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
