'use client'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { useAct } from './use-act'

export const FIELD = 'rounded-md border border-(--border) bg-(--bg) px-2 py-1'

interface TextProps {
  readonly path: string
  /** Name of the field in the body. */
  readonly name: string
  readonly label: string
  readonly submit: string
  readonly most: number
  readonly initial?: string
  readonly isLong?: boolean
  /** True where nothing is an answer too. */
  readonly mayBeEmpty?: boolean
  readonly hint?: ReactNode
  onDone?(): void
}

/** One text that is sent on its own. */
export function TextForm(props: TextProps) {
  const { path, name, label, submit, most, initial = '', isLong, mayBeEmpty, hint, onDone } = props
  const id = useId()
  const [text, setText] = useState(initial)
  const act = useAct(path, () => {
    if (isLong) setText('')
    onDone?.()
  })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (mayBeEmpty || text.trim() !== '') act.mutate({ [name]: text.trim() })
  }
  const field = { id, value: text, maxLength: most, className: FIELD }
  return (
    <form onSubmit={send} className="grid gap-2">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea {...field} rows={3} onChange={(event) => setText(event.target.value)} />
      ) : (
        <input {...field} onChange={(event) => setText(event.target.value)} />
      )}
      {hint && <p className="text-(--text-muted)">{hint}</p>}
      {act.error && <p role="alert">{act.error.message}</p>}
      <Button
        type="submit"
        variant="primary"
        className="justify-self-start"
        disabled={act.isPending || (!mayBeEmpty && text.trim() === '')}
      >
        {submit}
      </Button>
    </form>
  )
}

/** The same behind a button. */
export function TextPopover({ button, ...form }: TextProps & { readonly button: string }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>{button}</Button>
      </PopoverTrigger>
      <PopoverContent className="w-80" aria-label={button}>
        <TextForm {...form} onDone={() => setIsOpen(false)} />
      </PopoverContent>
    </Popover>
  )
}

/** A button that does one thing without being told more. */
export function ActButton({ path, body = {}, children }: { path: string; body?: object; children: ReactNode }) {
  const act = useAct(path)
  return (
    <>
      <Button disabled={act.isPending} onClick={() => act.mutate(body)}>
        {children}
      </Button>
      {act.error && <span role="alert">{act.error.message}</span>}
    </>
  )
}
