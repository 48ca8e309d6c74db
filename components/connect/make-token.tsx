'use client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CommandBlock } from '@/components/ui/command-block'

export interface MadeToken {
  readonly id: string
  readonly token: string
}

const DAYS = [
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
] as const

interface Props {
  readonly wanted: { readonly name: string; readonly scope: 'ingest' | 'nat-evidence'; readonly cluster: string }
  readonly made: MadeToken | undefined
  readonly hasSignIn: boolean
  onMade(token: MadeToken): void
}

const MAY = {
  ingest: 'send records of this cluster, and nothing else',
  'nat-evidence': 'send NAT records of this cluster that may prove a door, and nothing else',
} as const

/** Makes the token of this sender when asked to: one scope, one cluster, an end. Shows it once. */
export function MakeToken({ wanted, made, hasSignIn, onMade }: Props) {
  const id = useId()
  const create = useMutation({
    mutationFn: (days: number) =>
      fetchJson<MadeToken>(
        '/api/tokens',
        jsonBody({ name: wanted.name, scopes: [wanted.scope], cluster: wanted.cluster, expiresInDays: days }),
      ),
    onSuccess: onMade,
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    create.mutate(Number(new FormData(event.currentTarget).get('days')))
  }
  return (
    <section aria-labelledby={id} className="grid gap-2">
      <h3 id={id} className="font-semibold">
        Token
      </h3>
      {made ? (
        <div role="status" className="grid gap-2">
          <p>
            It stands in the commands below. Copy it now: only a hash of it is kept, and it is not shown again. It may{' '}
            {MAY[wanted.scope]}; the Settings page revokes it.
          </p>
          <CommandBlock text={made.token} />
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
          <Button type="submit" variant="primary" disabled={create.isPending}>
            Make a token
          </Button>
          <label className="flex items-center gap-1.5">
            that works for
            <select name="days" defaultValue="365" className="h-7 rounded-md border border-(--border) bg-(--bg) px-2">
              {DAYS.map(([days, word]) => (
                <option key={days} value={days}>
                  {word}
                </option>
              ))}
            </select>
          </label>
          <span className="text-(--text-muted)">
            It may {MAY[wanted.scope]}.{!hasSignIn && ' Sign-in is off: senders on this machine need none.'}
          </span>
        </form>
      )}
      {create.error && <p role="alert">{create.error.message}</p>}
    </section>
  )
}
