'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { LoadProblem } from '@/components/ui/load-problem'
import type { ApiToken } from '@/lib/model/api-token'
import { formatMoment } from '@/lib/view/format'
import { TokenForm } from './token-form'

/** Tokens with what they may do and when they were used, and a form for the next one. */
export function ApiTokens({ hasSignIn }: { hasSignIn: boolean }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['tokens'],
    queryFn: () => fetchJson<{ tokens: ApiToken[] }>('/api/tokens'),
  })
  return (
    <section aria-labelledby="tokens" className="grid gap-3">
      <h2 id="tokens" className="text-[15px] font-semibold">
        API tokens
      </h2>
      {!hasSignIn && (
        <p className="text-(--text-muted)">
          Sign-in is off, so senders on this machine need no token; one still says which cluster its records belong to.
        </p>
      )}
      {error && (
        <LoadProblem text={`The tokens could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
      )}
      {!data && !error && <p className="text-(--text-muted)">Loading the tokens …</p>}
      {data && data.tokens.length > 0 && <TokenTable tokens={data.tokens} />}
      <TokenForm />
    </section>
  )
}

function TokenTable({ tokens }: { tokens: readonly ApiToken[] }) {
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">API tokens</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['Name', 'May', 'Cluster', 'Created', 'Last used', 'State'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id} className="border-b border-(--border) last:border-b-0">
              <th scope="row" className="px-3 py-1.5 text-left font-normal">
                {token.name} <span className="font-mono text-[11px] text-(--text-muted)">pst_{token.id}_…</span>
              </th>
              <td className="px-3 py-1.5">
                <span className="flex flex-wrap gap-1">
                  {token.scopes.map((scope) => (
                    <Chip key={scope}>{scope}</Chip>
                  ))}
                </span>
              </td>
              <td className="px-3 py-1.5">
                {token.cluster ?? 'as records say'}
                {token.namespace && `, ${token.namespace}`}
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">{formatMoment(token.createdMs)}</td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                {token.lastUsedMs ? formatMoment(token.lastUsedMs) : 'never'}
              </td>
              <td className="px-3 py-1.5">
                <TokenState token={token} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TokenState({ token }: { token: ApiToken }) {
  const [isAsking, setIsAsking] = useState(false)
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => fetchJson<undefined>(`/api/tokens/${token.id}`, jsonBody({}, 'DELETE')),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  })
  if (token.revokedMs) return <>Revoked {formatMoment(token.revokedMs)}</>
  return (
    <span className="flex flex-wrap items-center gap-2">
      {token.expiresMs ? `Works until ${formatMoment(token.expiresMs)}` : 'Works'}
      {isAsking ? (
        <>
          <Button size="small" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke for good
          </Button>
          <Button size="small" onClick={() => setIsAsking(false)}>
            Keep
          </Button>
        </>
      ) : (
        <Button size="small" onClick={() => setIsAsking(true)}>
          Revoke
        </Button>
      )}
      {revoke.error && <span role="alert">{revoke.error.message}</span>}
    </span>
  )
}
