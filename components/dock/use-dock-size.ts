'use client'
import { useCallback } from 'react'
import { remember, useRemembered } from '@/components/ui/browser-memory'

const KEY = 'postern-dock-size'

export interface DockSize {
  readonly step: number
  readonly word: string
  readonly px: number
}

const MIDDLE: DockSize = { step: 1, word: 'middle', px: 260 }
/** Heights of an open dock, from low to high. */
export const DOCK_SIZES: readonly DockSize[] = [
  { step: 0, word: 'low', px: 160 },
  MIDDLE,
  { step: 2, word: 'high', px: 420 },
]

/** The dock's height, which this browser remembers. */
export function useDockSize(): [DockSize, (step: number) => void] {
  const kept = useRemembered(KEY)
  const setStep = useCallback(
    (next: number) => remember(KEY, String(Math.max(0, Math.min(DOCK_SIZES.length - 1, next)))),
    [],
  )
  return [DOCK_SIZES.find(({ step }) => String(step) === kept) ?? MIDDLE, setStep]
}
