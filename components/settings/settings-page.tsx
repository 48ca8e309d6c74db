'use client'
import Link from 'next/link'
import { TopBar } from '@/components/frame/top-bar'
import { Channels } from '@/components/notifications/channel-list'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { ApiTokens } from './api-tokens'
import { YourName } from './your-name'

interface Props {
  readonly hasSignIn: boolean
  /** What is set, with the variable that sets it. */
  readonly facts: readonly (readonly [string, string])[]
}

/** API tokens, what the server was started with, and the way out. */
export function SettingsPage({ hasSignIn, facts }: Props) {
  const signOut = () =>
    void fetchJson<undefined>('/api/session', jsonBody({}, 'DELETE')).then(() => window.location.assign('/sign-in'))
  return (
    <>
      <TopBar title="Settings" />
      <main className="relative min-h-0 flex-1 space-y-8 overflow-y-auto p-4">
        <ApiTokens hasSignIn={hasSignIn} />
        <Channels />
        <section aria-labelledby="audit" className="grid gap-3">
          <h2 id="audit" className="text-[15px] font-semibold">
            Audit log
          </h2>
          <p>
            <Link href="/settings/audit" className="text-(--accent) underline">
              Who changed what
            </Link>
          </p>
          <YourName hasSignIn={hasSignIn} />
        </section>
        <section aria-labelledby="server">
          <h2 id="server" className="mb-2 text-[15px] font-semibold">
            This server
          </h2>
          <dl className="grid max-w-3xl grid-cols-[auto_1fr] gap-x-6 gap-y-1">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-(--text-muted)">{name}</dt>
                <dd className="break-words">{value}</dd>
              </div>
            ))}
          </dl>
        </section>
        {hasSignIn ? (
          <div>
            <Button onClick={signOut}>Sign out</Button>
          </div>
        ) : (
          <p className="max-w-2xl text-(--text-muted)">
            Sign-in is off: Postern listens on this machine only. To listen elsewhere set POSTERN_ADMIN_TOKEN and
            POSTERN_HOST.
          </p>
        )}
      </main>
    </>
  )
}
