'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import type { DetectorState } from '@/lib/model/finding'

const REFRESH_MS = 10_000

/** Every detector of a dataset's clusters as its last pass found it; '' = live. Undefined until it is known. */
export function useDetectors(dataset: string): readonly DetectorState[] | undefined {
  const { data } = useQuery({
    queryKey: ['detectors', dataset],
    queryFn: () =>
      fetchJson<{ detectors: DetectorState[] }>(`/api/detectors?${new URLSearchParams(dataset ? { dataset } : {})}`),
    refetchInterval: REFRESH_MS,
  })
  return data?.detectors
}

/** "D1 Plaintext to an AI endpoint"; the number alone until names are known. */
export function detectorTitle(states: readonly DetectorState[] | undefined, detector: string): string {
  const name = states?.find((one) => one.detector === detector)?.name
  return name === undefined ? detector : `${detector} ${name}`
}
