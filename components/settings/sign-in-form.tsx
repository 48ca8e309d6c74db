'use client'
import { type FormEvent, useState } from 'react'

/** One field: the admin token. */
export function SignInForm() {
  const [error, setError] = useState('')
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (response.ok) window.location.assign('/graph')
    else setError('That token is not right. It is the value of POSTERN_ADMIN_TOKEN.')
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
      {error && <p role="alert">{error}</p>}
      <button type="submit" className="rounded-md bg-(--accent) px-3 py-1.5 text-(--surface)">
        Sign in
      </button>
    </form>
  )
}
