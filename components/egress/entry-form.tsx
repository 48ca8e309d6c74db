'use client'
import type { ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { messageOf } from '@/components/ui/field-message'
import type { EntryIssue } from '@/lib/model/egress-entry'
import { fieldOf } from './form-errors'

/** What a form of an entry is given. */
export interface EntryFormProps<Input> {
  readonly initial: Input
  /** The name is the entry's identity: only a new one has it open. */
  readonly isNew: boolean
  /** Hands over what was written; answers what the server finds wrong with it. */
  onPreview(entry: { readonly name: string }): Promise<readonly EntryIssue[]>
}

/** Puts the server's errors at their fields; the first of them gets the focus. */
export function showIssues(
  issues: readonly EntryIssue[],
  setError: (field: string, error: { readonly message: string }, options: { readonly shouldFocus: boolean }) => void,
): void {
  const errors = issues.filter(({ severity }) => severity === 'error')
  errors.forEach((issue, at) => {
    const field = fieldOf(issue)
    setError(field === 'root' ? 'root.server' : field, { message: issue.message }, { shouldFocus: at === 0 })
  })
}

interface FrameProps {
  onSubmit(event: React.FormEvent): void
  readonly isBusy: boolean
  readonly errors: { readonly root?: unknown }
  readonly children: ReactNode
}

/** The frame of every form: fields that scroll, what is wrong with the whole, and the step to the preview. */
export function EntryFrame({ onSubmit, isBusy, errors, children }: FrameProps) {
  const message = messageOf(errors.root)
  return (
    <form onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">{children}</div>
      <div className="flex items-center gap-3 border-t border-(--border) px-4 py-3">
        <Button type="submit" variant="primary" disabled={isBusy}>
          {isBusy ? 'Judging what is kept…' : 'Preview'}
        </Button>
        <span className="text-(--text-muted)">Nothing is saved before you have seen what it changes.</span>
      </div>
      {message && (
        <p role="alert" className="border-t border-(--border) px-4 py-2 font-medium">
          {message}
        </p>
      )}
    </form>
  )
}
