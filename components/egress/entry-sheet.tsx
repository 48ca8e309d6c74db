'use client'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { SideSheet } from '@/components/ui/side-sheet'
import type { EgressInputs, EgressKind } from '@/lib/model/egress-entry'
import type { PreviewAnswer } from '@/lib/model/egress-preview'
import { KIND_WORDS } from '@/lib/view/egress-words'
import { DeniedForm } from './denied-form'
import { PathForm } from './path-form'
import { PointForm } from './point-form'
import { PreviewResult } from './preview-result'
import { RuleForm } from './rule-form'
import { type EntryChange, previewChange, useEgressEntries, useEgressKnown, useSaveChange } from './use-egress-entries'

/** An entry to be made, changed or taken away. */
export type Draft = {
  readonly [Kind in EgressKind]: {
    readonly kind: Kind
    readonly initial: EgressInputs[Kind]
    /** null: a new entry. */
    readonly revision: string | null
    readonly isRemoval?: true
    /** What it was made of, and what may be wrong about it. */
    readonly notes?: readonly string[]
  }
}[EgressKind]

interface Props {
  readonly draft: Draft
  /** "Step 1 of 3", where several entries are made one after the other. */
  readonly step?: string
  readonly dataset: string
  onClose(): void
  onGone(): void
  onSaved(name: string): void
}

/** One entry from its form over the preview to saving. Nothing is saved that was not previewed. */
export function EntrySheet({ draft, step, dataset, onClose, onGone, onSaved }: Props) {
  const { kind, isRemoval } = draft
  const noun = KIND_WORDS[kind].one
  const [written, setWritten] = useState(draft)
  const [ready, setReady] = useState<{ readonly change: EntryChange; readonly answer: PreviewAnswer }>()
  const title = isRemoval
    ? `Delete ${noun} ${draft.initial.name}`
    : draft.revision === null
      ? `New ${noun}`
      : `Change ${noun} ${draft.initial.name}`
  const preview = async (entry?: { readonly name: string }) => {
    const change = { kind, name: entry?.name ?? draft.initial.name, expected: draft.revision, ...(entry && { entry }) }
    const answer = await previewChange(change, dataset).catch((error: Error) => refused(error.message))
    if (answer.preview) setReady({ change, answer })
    return answer.hint
      ? answer.issues.map((issue) => ({ ...issue, message: `${issue.message}. ${answer.hint}` }))
      : answer.issues
  }
  return (
    <SideSheet
      title={step ? `${title} (${step})` : title}
      description={ready ? 'What it changes, before it is saved.' : DESCRIPTION[kind]}
      onClose={onClose}
      onGone={onGone}
    >
      {!ready && draft.notes && <Notes notes={draft.notes} />}
      {ready ? (
        <Ready {...ready} onBack={isRemoval ? onClose : () => setReady(undefined)} onSaved={onSaved} />
      ) : isRemoval ? (
        <Removal name={draft.initial.name} preview={preview} onClose={onClose} />
      ) : (
        <EntryForm
          draft={written}
          dataset={dataset}
          onPreview={(entry) => {
            // Coming back from the preview finds what was written.
            setWritten({ ...draft, initial: entry } as Draft)
            return preview(entry)
          }}
        />
      )}
    </SideSheet>
  )
}

function Notes({ notes }: { notes: readonly string[] }) {
  return (
    <details className="border-b border-(--border) px-4 py-2">
      <summary className="font-medium">What this draft is made of</summary>
      <ul className="grid list-inside list-disc gap-1 pt-1">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  )
}

const refused = (message: string): PreviewAnswer => ({ issues: [{ severity: 'error', path: '', message }], diff: [] })

const DESCRIPTION: Readonly<Record<EgressKind, string>> = {
  point: 'A way out, with the addresses by which the outside knows it.',
  path: 'The hops that translate addresses, and which of them is the last.',
  rule: 'Which workloads must reach which providers by which way out.',
  'denied-provider': 'A provider that nothing may reach.',
}

interface FormProps {
  readonly draft: Draft
  readonly dataset: string
  onPreview(entry: { readonly name: string }): Promise<PreviewAnswer['issues']>
}

function EntryForm({ draft, dataset, onPreview }: FormProps) {
  const { data: known } = useEgressKnown(dataset)
  const { data } = useEgressEntries()
  const shared = { isNew: draft.revision === null, onPreview, ...(known && { known }) }
  switch (draft.kind) {
    case 'point':
      return <PointForm {...shared} initial={draft.initial} />
    case 'path':
      return <PathForm {...shared} initial={draft.initial} />
    case 'rule': {
      const points = (data?.entries ?? []).filter((entry) => entry.kind === 'point').map(({ name }) => name)
      return <RuleForm {...shared} initial={draft.initial} points={points} />
    }
    case 'denied-provider':
      return <DeniedForm {...shared} initial={draft.initial} />
  }
}

interface ReadyProps {
  readonly change: EntryChange
  readonly answer: PreviewAnswer
  onBack(): void
  onSaved(name: string): void
}

function Ready({ change, answer, onBack, onSaved }: ReadyProps) {
  const save = useSaveChange()
  const [problem, setProblem] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const onSave = async () => {
    setIsBusy(true)
    try {
      await save(change)
      onSaved(change.name)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It could not be saved.')
      setIsBusy(false)
    }
  }
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        {answer.preview && <PreviewResult preview={answer.preview} issues={answer.issues} />}
      </div>
      {problem && (
        <p role="alert" className="border-t border-(--border) px-4 py-2 font-medium">
          {problem}
        </p>
      )}
      <div className="flex gap-3 border-t border-(--border) px-4 py-3">
        <Button ref={focus} variant="primary" disabled={isBusy} onClick={() => void onSave()}>
          {change.entry ? 'Save' : 'Delete'}
        </Button>
        <Button onClick={onBack}>{change.entry ? 'Back to the form' : 'Keep it'}</Button>
      </div>
    </>
  )
}

/** The step has changed under the reader's hands: the focus goes on with it. */
const focus = (button: HTMLButtonElement | null) => button?.focus()

interface RemovalProps {
  readonly name: string
  preview(): Promise<PreviewAnswer['issues']>
  onClose(): void
}

function Removal({ name, preview, onClose }: RemovalProps) {
  const [issues, setIssues] = useState<PreviewAnswer['issues']>([])
  const [isBusy, setIsBusy] = useState(false)
  const onPreview = async () => {
    setIsBusy(true)
    setIssues(await preview())
    setIsBusy(false)
  }
  return (
    <div className="grid gap-3 p-4">
      <p>
        <strong>{name}</strong> goes out of force, and what it decided is judged again.
      </p>
      {issues.map((issue) => (
        <p key={issue.message} role="alert" className="font-medium">
          {issue.message}
        </p>
      ))}
      <div className="flex gap-3">
        <Button variant="primary" disabled={isBusy} onClick={() => void onPreview()}>
          {isBusy ? 'Judging what is kept…' : 'Preview'}
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </div>
    </div>
  )
}
