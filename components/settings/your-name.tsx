'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { LIMITS } from '@/lib/model/limits'

/** What the audit log calls whoever uses this browser; where sign-in is on it is said there. */
export function YourName({ hasSignIn }: { hasSignIn: boolean }) {
  const id = useId()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['session'], queryFn: () => fetchJson<{ name: string }>('/api/session') })
  const save = useMutation({
    mutationFn: (name: string) => fetchJson<undefined>('/api/session', jsonBody({ name }, 'PUT')),
    onSuccess: () => client.invalidateQueries({ queryKey: ['session'] }),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate(String(new FormData(event.currentTarget).get('name') ?? ''))
  }
  if (!data) return null
  if (hasSignIn)
    return (
      <p>{data.name ? `You signed in as ${data.name}.` : 'You signed in without a name: the audit log says admin.'}</p>
    )
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <label htmlFor={id}>Your name, for the audit log</label>
      <input
        id={id}
        name="name"
        key={data.name}
        defaultValue={data.name}
        placeholder="local"
        autoComplete="name"
        maxLength={LIMITS.personNameChars}
        className="h-7 rounded-md border border-(--border) bg-(--bg) px-2"
      />
      <Button type="submit" disabled={save.isPending}>
        Save the name
      </Button>
      {save.isSuccess && <span role="status">Saved.</span>}
      {save.error && <span role="alert">{save.error.message}</span>}
    </form>
  )
}
