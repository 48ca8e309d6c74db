'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import type { Channel, ChannelInput, Delivery, WebhookOutcome } from '@/lib/model/notification'

const CHANNELS = ['channels'] as const
const REFRESH_MS = 5000

export const pathOf = (id: string): string => `/api/notifications/channels/${encodeURIComponent(id)}`

/** Channels by name, again every few seconds: what waits changes by itself. */
export const useChannels = () =>
  useQuery({
    queryKey: CHANNELS,
    queryFn: () => fetchJson<{ channels: Channel[] }>('/api/notifications/channels'),
    refetchInterval: REFRESH_MS,
  })

/** The last messages of a channel. */
export const useDeliveries = (id: string) =>
  useQuery({
    queryKey: [...CHANNELS, id, 'deliveries'],
    queryFn: () => fetchJson<{ deliveries: Delivery[] }>(`${pathOf(id)}/deliveries`),
    refetchInterval: REFRESH_MS,
  })

/** Makes a channel, or with an id changes one. */
export function useSaveChannel(id: string | undefined, onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (input: ChannelInput) =>
      id === undefined
        ? fetchJson<unknown>('/api/notifications/channels', jsonBody(input))
        : fetchJson<unknown>(pathOf(id), jsonBody(input, 'PUT')),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: CHANNELS })
      onDone()
    },
  })
}

export function useRemoveChannel(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => fetchJson<undefined>(pathOf(id), jsonBody({}, 'DELETE')),
    onSuccess: () => client.invalidateQueries({ queryKey: CHANNELS }),
  })
}

export function useTestChannel(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => fetchJson<WebhookOutcome & { isSent: boolean }>(`${pathOf(id)}/test`, jsonBody({})),
    onSettled: () => client.invalidateQueries({ queryKey: CHANNELS }),
  })
}
