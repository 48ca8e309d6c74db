'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import type { EgressEntry, EgressKind } from '@/lib/model/egress-entry'
import type { EgressKnown } from '@/lib/model/egress-known'
import type { PreviewAnswer } from '@/lib/model/egress-preview'
import type { EgressProposal } from '@/lib/model/egress-proposal'

const ENTRIES = ['egress-entries']

export const useEgressEntries = () =>
  useQuery({ queryKey: ENTRIES, queryFn: () => fetchJson<{ entries: EgressEntry[] }>('/api/egress/entries') })

export const useEgressKnown = (dataset: string) =>
  useQuery({
    queryKey: ['egress-known', dataset],
    queryFn: () => fetchJson<EgressKnown>(`/api/egress/known?dataset=${encodeURIComponent(dataset)}`),
  })

export const useEgressProposals = (dataset: string) =>
  useQuery({
    queryKey: ['egress-proposals', dataset],
    queryFn: () =>
      fetchJson<{ proposals: EgressProposal[] }>(`/api/egress/proposals?dataset=${encodeURIComponent(dataset)}`),
  })

/** What somebody is about to do to an entry. */
export interface EntryChange {
  readonly kind: EgressKind
  readonly name: string
  /** In the file's form; absent to take it away. */
  readonly entry?: object
  /** The revision that the change was made from; null for a new entry. */
  readonly expected: string | null
}

export const previewChange = (change: EntryChange, dataset: string): Promise<PreviewAnswer> => {
  const { kind, name, entry, expected } = change
  return fetchJson<PreviewAnswer>(
    '/api/egress/preview',
    jsonBody({ kind, name, expected, dataset, ...(entry ? { entry } : { remove: true }) }),
  )
}

/** Saves a change, and has everything read again that it concerns. Throws with the problem's words, a conflict too. */
export function useSaveChange(): (change: EntryChange) => Promise<void> {
  const client = useQueryClient()
  return async ({ kind, name, entry, expected }) => {
    const request = jsonBody(entry ?? {}, entry ? 'PUT' : 'DELETE')
    await fetchJson(`/api/egress/entries/${kind}/${encodeURIComponent(name)}?origin=ui`, {
      ...request,
      headers: {
        ...request.headers,
        ...(expected === null ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` }),
      },
    })
    await Promise.all(
      [ENTRIES, ['egress-config'], ['egress-proposals'], ['egress-known']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  }
}
