'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import type { SavedView } from '@/lib/model/saved-view'

const KEY = ['saved-views']

/** The team's views, asked for while the menu is open, and what changes them. */
export function useSavedViews(isOpen: boolean) {
  const client = useQueryClient()
  const { data, error } = useQuery({
    queryKey: KEY,
    queryFn: () => fetchJson<{ views: SavedView[] }>('/api/saved-views'),
    enabled: isOpen,
    // Others save views too: each opening asks again.
    staleTime: 0,
  })
  const onSuccess = () => client.invalidateQueries({ queryKey: KEY })
  const save = useMutation({
    mutationFn: (view: { name: string; path: string }) => fetchJson<SavedView>('/api/saved-views', jsonBody(view)),
    onSuccess,
  })
  const rename = useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      fetchJson<undefined>(`/api/saved-views/${id}`, jsonBody({ name }, 'PATCH')),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => fetchJson<undefined>(`/api/saved-views/${id}`, { method: 'DELETE' }),
    onSuccess,
  })
  return { views: data?.views, error: error?.message, save, rename, remove }
}
