import { CircleAlert } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { messageOf } from './field-message'

export const CONTROL = 'h-7 w-full rounded-md border border-(--border) bg-(--bg) px-2 aria-invalid:border-(--text)'

/** What a control needs to be named and described by its field. */
export interface ControlProps {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string
}

interface Props {
  readonly label: string
  readonly hint?: string
  /** An error of react-hook-form, of the field or of something in it. */
  readonly error?: unknown
  children(control: ControlProps): ReactNode
}

/** A control with its label, what to write in it, and what is wrong with it. */
export function FormField({ label, hint, error, children }: Props) {
  const id = useId()
  const message = messageOf(error)
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-invalid': message !== undefined, 'aria-describedby': `${id}-hint` })}
      <p id={`${id}-hint`} className={message ? '' : 'text-[12px] text-(--text-muted)'}>
        {message ? <FieldProblem message={message} /> : hint}
      </p>
    </div>
  )
}

/** What is wrong with a field. Colours are for states of traffic: a sign and weight say it. */
export function FieldProblem({ message }: { message: string }) {
  return (
    <strong className="inline-flex items-start gap-1 font-semibold">
      <CircleAlert aria-hidden size={14} className="mt-0.5 flex-none" />
      {message}
    </strong>
  )
}
