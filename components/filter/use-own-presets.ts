'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import type { OwnPreset, OwnPresets } from '@/lib/model/filter-preset'

const KEY = ['filter-presets']

/** A person's own presets, asked for while the menu is open, and what changes them. */
export function useOwnPresets(isOpen: boolean) {
  const client = useQueryClient()
  const { data, error } = useQuery({
    queryKey: KEY,
    queryFn: () => fetchJson<OwnPresets>('/api/filter-presets'),
    enabled: isOpen,
    // They are the same person's in another window.
    staleTime: 0,
  })
  const onSuccess = () => client.invalidateQueries({ queryKey: KEY })
  const save = useMutation({
    mutationFn: (preset: Pick<OwnPreset, 'name' | 'mode' | 'expression'>) =>
      fetchJson<OwnPreset>('/api/filter-presets', jsonBody(preset)),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => fetchJson<undefined>(`/api/filter-presets/${id}`, { method: 'DELETE' }),
    onSuccess,
  })
  return { owned: data, error: error?.message, save, remove }
}
