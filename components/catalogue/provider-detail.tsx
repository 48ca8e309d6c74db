'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { CopyButton } from '@/components/ui/copy-button'
import type { ProviderRow } from '@/lib/model/provider'
import { formatMoment } from '@/lib/view/format'
import { confirmedDrift, ROLE_WORD, registerSentence } from '@/lib/view/provider-words'

/** A provider's hosts with what each is for, the ranges it publishes, its allow-list setting, and the addresses that belong on it. */
export function ProviderDetail({ row }: { row: ProviderRow }) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <section aria-label={`Hosts of ${row.name}`} className="grid content-start gap-1">
        <h3 className="font-semibold">Known by</h3>
        <ul className="grid gap-0.5">
          {row.hosts.map((host) => (
            <li key={host.host} className="flex flex-wrap gap-2">
              <span className="font-mono text-[11px] break-all">{host.host}</span>
              <span className="text-(--text-muted)">{ROLE_WORD[host.role] ?? host.role}</span>
              {!host.aiExclusive && <Chip>serves other traffic too</Chip>}
              {host.isOwn && <Chip>own</Chip>}
            </li>
          ))}
        </ul>
        {row.inbound && (
          <p className="text-(--text-muted)">
            Published addresses: {row.inbound.cidrs.join(', ')}.{' '}
            {row.inbound.exclusive
              ? 'They are of this vendor alone, so an address makes it possible.'
              : 'Others share them.'}
          </p>
        )}
      </section>
      <AllowList row={row} />
    </div>
  )
}

function AllowList({ row }: { row: ProviderRow }) {
  const { allowList, register } = row
  const drift = confirmedDrift(row)
  return (
    <section aria-label={`IP allow-list of ${row.name}`} className="grid content-start gap-2">
      <h3 className="font-semibold">IP allow-list at the provider</h3>
      {allowList ? (
        <p>
          {allowList.how}{' '}
          {!allowList.verified && row.origin !== 'own' && <Chip>not verified in the vendor’s documents</Chip>}
        </p>
      ) : (
        <p className="text-(--text-muted)">
          Nothing is known of a setting that restricts its API to source addresses. That is not a no.
        </p>
      )}
      {allowList?.source && <p className="text-(--text-muted) break-all">Source: {allowList.source}</p>}
      <p>{registerSentence(row)}</p>
      {register.length > 0 && (
        <>
          <ul className="grid gap-0.5">
            {register.map(({ cidr, point, rules }) => (
              <li key={cidr}>
                <span className="font-mono text-[11px]">{cidr}</span>{' '}
                <span className="text-(--text-muted)">
                  {point ? `${point}, ` : ''}by {rules.length === 1 ? 'rule' : 'rules'} {rules.join(', ')}
                </span>
              </li>
            ))}
          </ul>
          <div>
            <CopyButton text={register.map(({ cidr }) => cidr).join('\n')} label="Copy addresses" />
          </div>
        </>
      )}
      {drift && (
        <p role="note" className="border-l-2 border-(--border) pl-2">
          {drift}
        </p>
      )}
      {allowList && <Confirm row={row} />}
    </section>
  )
}

/** The operator's word that the list is on: nothing else can tell Postern. */
function Confirm({ row }: { row: ProviderRow }) {
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: (method: 'PUT' | 'DELETE') =>
      fetchJson<unknown>(`/api/providers/${encodeURIComponent(row.id)}/allow-list`, jsonBody({}, method)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['providers'] }),
  })
  const confirmed = row.allowList?.confirmed
  return (
    <div className="grid justify-items-start gap-1">
      {confirmed && (
        <p>
          {confirmed.by} confirmed on {formatMoment(confirmed.atMs)} that the list is on
          {confirmed.addresses.length > 0 ? `, with ${confirmed.addresses.join(', ')}` : ''}.
        </p>
      )}
      <span className="flex flex-wrap gap-2">
        <Button size="small" disabled={change.isPending} onClick={() => change.mutate('PUT')}>
          {confirmed ? 'Confirm again with these addresses' : 'The list is on at the provider'}
        </Button>
        {confirmed && (
          <Button size="small" disabled={change.isPending} onClick={() => change.mutate('DELETE')}>
            It is not on
          </Button>
        )}
      </span>
      {change.error && <p role="alert">{change.error.message}</p>}
    </div>
  )
}
