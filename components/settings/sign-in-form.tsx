'use client'
import { type FormEvent, useState } from 'react'
import { consolePath, shortLinkPath } from '@/lib/model/console-path'
import { LIMITS } from '@/lib/model/limits'

const WHY: Readonly<Record<number, string>> = {
  400: 'That name cannot stand in the audit log. Use letters, digits and .,-_@ only, and no word like admin or postern.',
  429: 'Too many wrong tokens. Try again in a minute.',
}

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
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: fields.get('token'), name: fields.get('name') ?? '' }),
    })
    if (response.ok) window.location.assign(nextPath())
    else setError(WHY[response.status] ?? 'That token is not right. It is the value of POSTERN_ADMIN_TOKEN.')
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
      <button type="submit" className="rounded-md bg-(--accent) px-3 py-1.5 text-(--surface)">
        Sign in
      </button>
    </form>
  )
}
