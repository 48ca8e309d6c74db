'use client'
import { useCallback, useSyncExternalStore } from 'react'

const KEY = 'postern-dock-size'
const CHANGED = 'postern-dock-size-changed'

export interface DockSize {
  readonly step: number
  readonly word: string
  readonly px: number
}

/** Heights of an open dock, from low to high. */
export const DOCK_SIZES: readonly DockSize[] = [
  { step: 0, word: 'low', px: 160 },
  { step: 1, word: 'middle', px: 260 },
  { step: 2, word: 'high', px: 420 },
]
const USUAL = 1

/** Of a browser that keeps nothing for us. */
let ofThisVisit: string | null = null

function current(): number {
  const text = (() => {
    try {
      return localStorage.getItem(KEY)
    } catch {
      return ofThisVisit
    }
  })()
  return text !== null && /^[0-2]$/.test(text) ? Number(text) : USUAL
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('storage', listener)
  window.addEventListener(CHANGED, listener)
  return () => {
    window.removeEventListener('storage', listener)
    window.removeEventListener(CHANGED, listener)
  }
}

/** The dock's height, which this browser remembers. */
export function useDockSize(): [DockSize, (step: number) => void] {
  const step = useSyncExternalStore(subscribe, current, () => USUAL)
  const setStep = useCallback((next: number) => {
    ofThisVisit = String(Math.max(0, Math.min(DOCK_SIZES.length - 1, next)))
    try {
      localStorage.setItem(KEY, ofThisVisit)
    } catch {
      // It is kept for this visit.
    }
    window.dispatchEvent(new Event(CHANGED))
  }, [])
  const size = DOCK_SIZES[step] ?? DOCK_SIZES[USUAL] ?? { step: USUAL, word: 'middle', px: 260 }
  return [size, setStep]
}
