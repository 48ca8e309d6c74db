'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import type { DetectorState } from '@/lib/model/finding'

const REFRESH_MS = 10_000

interface DetectorReport {
  readonly detectors: readonly DetectorState[]
  /** How many there are; where they are many, detectors are told of the first by name. */
  readonly clusters: number
}

/** The detectors of a dataset's clusters as their last pass found them; '' = live. Undefined until it is known. */
export function useDetectorReport(dataset: string): DetectorReport | undefined {
  const { data } = useQuery({
    queryKey: ['detectors', dataset],
    queryFn: () => fetchJson<DetectorReport>(`/api/detectors?${new URLSearchParams(dataset ? { dataset } : {})}`),
    refetchInterval: REFRESH_MS,
  })
  return data
}

/** The same without how many clusters there are. */
export const useDetectors = (dataset: string): readonly DetectorState[] | undefined =>
  useDetectorReport(dataset)?.detectors

/** "D1 Plaintext to an AI endpoint"; the number alone until names are known. */
export function detectorTitle(states: readonly DetectorState[] | undefined, detector: string): string {
  const name = states?.find((one) => one.detector === detector)?.name
  return name === undefined ? detector : `${detector} ${name}`
}
