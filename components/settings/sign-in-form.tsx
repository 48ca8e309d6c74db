'use client'
import { type FormEvent, useState } from 'react'
import { problemOf } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { consolePath, shortLinkPath } from '@/lib/model/console-path'
import { LIMITS } from '@/lib/model/limits'

const WHY: Readonly<Record<number, string>> = {
  400: 'That name cannot stand in the audit log. Use letters, digits and .,-_@ only, and no word like admin or postern.',
  401: 'That token is not right. It is the value of POSTERN_ADMIN_TOKEN.',
  429: 'Too many wrong tokens. Try again in a minute.',
}

const NO_ANSWER =
  'Postern did not say whether that token is right: the server or its database does not answer. Try again; its log has the reason.'

/** Where they came from: a page of the console, or a short link; nothing else that an address may say. */
function nextPath(): string {
  const next = new URLSearchParams(window.location.search).get('next') ?? ''
  return consolePath(next) ?? shortLinkPath(next) ?? '/graph'
}

/** The admin token, and a name for the audit log. */
export function SignInForm() {
  const [error, setError] = useState('')
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    setError('')
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: fields.get('token'), name: fields.get('name') ?? '' }),
    }).catch(() => undefined)
    if (response?.ok) window.location.assign(nextPath())
    else if (!response || response.status >= 500) setError(NO_ANSWER)
    else setError(WHY[response.status] ?? (await problemOf(response)))
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="mt-4 grid gap-3">
      <label className="grid gap-1">
        Admin token
        <input
          name="token"
          type="password"
          autoComplete="current-password"
          required
          className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
        />
      </label>
      <label className="grid gap-1">
        Your name, for the audit log (optional)
        <input
          name="name"
          autoComplete="name"
          maxLength={LIMITS.personNameChars}
          className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
        />
      </label>
      {error && <p role="alert">{error}</p>}
      <Button type="submit" variant="primary" className="h-8">
        Sign in
      </Button>
    </form>
  )
}
