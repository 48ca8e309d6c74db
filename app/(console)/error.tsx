'use client'
import { useQueryClient } from '@tanstack/react-query'
import { PageError } from '@/components/frame/page-error'

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const answers = useQueryClient()
  const retry = () => {
    // It may have been an answer that the page failed on: kept, it would fail on it again.
    answers.clear()
    reset()
  }
  return <PageError digest={error.digest ?? ''} onRetry={retry} />
}
