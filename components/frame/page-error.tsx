'use client'
import Link from 'next/link'
import { Button } from '@/components/ui/button'

interface Props {
  /** By which the server's log names what went wrong there; '' where it went wrong in this browser. */
  readonly digest: string
  onRetry(): void
}

/** Instead of a page that threw: what is not lost, where the reason is, and two ways on. */
export function PageError({ digest, onRetry }: Props) {
  return (
    <main className="mx-auto grid max-w-xl content-start gap-3 p-8">
      <h1 className="text-[20px] font-semibold">This page could not be shown</h1>
      <p>
        {digest
          ? `The server could not make it. Its log has the reason, by the number ${digest}.`
          : 'Something in it failed in this browser, whose console has the reason.'}{' '}
        Nothing that was taken in is lost, and other pages work.
      </p>
      <p className="flex flex-wrap items-center gap-3">
        <Button variant="primary" onClick={onRetry}>
          Try again
        </Button>
        <Link className="text-(--accent) underline" href="/graph">
          Open the graph
        </Link>
        <Link className="text-(--accent) underline" href="/sources">
          Look at the sources
        </Link>
      </p>
    </main>
  )
}
