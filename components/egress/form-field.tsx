import { type ReactNode, useId } from 'react'
import { messageOf } from './form-errors'

export const CONTROL =
  'h-7 w-full rounded-md border border-(--border) bg-(--bg) px-2 aria-invalid:border-(--state-violation)'

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
  readonly error: unknown
  children(control: ControlProps): ReactNode
}

/** A control with its label, what to write in it, and what is wrong with it. */
export function FormField({ label, hint, error, children }: Props) {
  const id = useId()
  const message = messageOf(error)
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-invalid': message !== undefined, 'aria-describedby': `${id}-hint` })}
      <p id={`${id}-hint`} className={message ? '' : 'text-[12px] text-(--text-muted)'}>
        {message ? <strong className="font-medium text-(--state-violation)">{message}</strong> : hint}
      </p>
    </div>
  )
}
