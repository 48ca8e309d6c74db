'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CommandBlock } from '@/components/ui/command-block'
import { TOKEN_SCOPES, type TokenScope } from '@/lib/model/api-token'

const MEANING: Readonly<Record<TokenScope, string>> = {
  ingest: 'send flow records and traces',
  'nat-evidence': 'send NAT records that may prove by which address a call left',
  metrics: 'read /metrics',
  embed: 'show the graph in a frame',
  read: 'read what the pages show',
  canary: 'report by which address probes leave',
}
/** A token of a probe is made with its manifest, on the Sources page. */
const OFFERED = TOKEN_SCOPES.filter((scope) => scope !== 'canary')
const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

interface Wanted {
  readonly name: string
  readonly scopes: readonly string[]
  readonly cluster?: string
  readonly expiresInDays?: number
}

/** The shortest use of each scope that has one. */
function usesOf(scopes: readonly string[], token: string, origin: string): string[] {
  const header = '-H "Authorization: Bearer $POSTERN_TOKEN"'
  const commands = [
    [
      'ingest',
      `hubble observe --last 1000 -o json | curl --data-binary @- \\\n  ${header} ${origin}/api/ingest/hubble`,
    ],
    [
      'nat-evidence',
      `conntrack -E -o extended,timestamp,id | head -n 500 | curl --data-binary @- \\\n  ${header} '${origin}/api/ingest/nat/conntrack?hop=nat-gw'`,
    ],
    ['metrics', `curl ${header} ${origin}/metrics`],
    ['read', `curl ${header} '${origin}/api/graph?from=now-15m'`],
  ].flatMap(([scope, command]) => (scopes.includes(scope ?? '') && command ? [command] : []))
  return [
    ...commands.slice(0, 1).map((command) => `export POSTERN_TOKEN='${token}'\n${command}`),
    ...commands.slice(1),
    ...(scopes.includes('embed') ? [`${origin}/embed/graph?from=now-15m&token=${token}`] : []),
  ]
}

/** Makes a token and shows it, once, with the lines that use it. */
export function TokenForm() {
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: (wanted: Wanted) => fetchJson<{ token: string }>('/api/tokens', jsonBody(wanted)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const [cluster, days] = [String(data.get('cluster') ?? '').trim(), Number(data.get('days'))]
    create.mutate({
      name: String(data.get('name') ?? ''),
      scopes: data.getAll('scope').map(String),
      ...(cluster && { cluster }),
      ...(days > 0 && { expiresInDays: days }),
    })
  }
  return (
    <form
      onSubmit={submit}
      className="grid max-w-3xl grid-cols-1 gap-3 rounded-md border border-(--border) bg-(--surface) p-3"
    >
      <h3 className="font-semibold">New token</h3>
      <div className="flex flex-wrap gap-3">
        <label className="grid gap-1">
          Name
          <input name="name" required maxLength={100} className={CONTROL} />
        </label>
        <label className="grid gap-1">
          Cluster of its records
          <input name="cluster" maxLength={128} placeholder="as records say" className={CONTROL} />
        </label>
        <label className="grid gap-1">
          Works for
          <select name="days" className={CONTROL}>
            <option value="0">until it is revoked</option>
            <option value="30">30 days</option>
            <option value="365">1 year</option>
          </select>
        </label>
      </div>
      <fieldset className="grid gap-1">
        <legend className="mb-1">It may</legend>
        {OFFERED.map((scope) => (
          <label key={scope} className="flex items-center gap-2">
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'ingest'} />
            <strong className="font-medium">{scope}</strong>
            <span className="text-(--text-muted)">{MEANING[scope]}</span>
          </label>
        ))}
      </fieldset>
      <div>
        <Button type="submit" variant="primary" disabled={create.isPending}>
          Create token
        </Button>
      </div>
      {create.error && <p role="alert">{create.error.message}</p>}
      {create.data && (
        <div role="status" className="grid grid-cols-1 gap-2">
          <p>Copy it now: only a hash of it is kept.</p>
          <CommandBlock text={create.data.token} />
          {usesOf(create.variables.scopes, create.data.token, window.location.origin).map((text) => (
            <CommandBlock key={text} text={text} />
          ))}
        </div>
      )}
    </form>
  )
}
