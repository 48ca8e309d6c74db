'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'

/** Keys of what the pages of findings and incidents show. */
export const FINDINGS_KEY = ['findings'] as const
export const CASES_KEY = ['cases'] as const

/** Sends one thing that a person does, and has everything about findings and incidents loaded again. */
export function useAct<Answer = unknown>(path: string, onDone?: (answer: Answer) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: object) => fetchJson<Answer>(path, jsonBody(body)),
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: FINDINGS_KEY })
      await client.invalidateQueries({ queryKey: CASES_KEY })
      onDone?.(answer)
    },
  })
}
