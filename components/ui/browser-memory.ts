'use client'
import { useSyncExternalStore } from 'react'

/** What the browser did not take, being forbidden or full: it holds until the page is left. */
const ofThisVisit = new Map<string, string | null>()
const listeners = new Set<() => void>()

/** What a person chose under this key in this browser; null where they chose nothing. */
export function remembered(key: string): string | null {
  const kept = ofThisVisit.get(key)
  if (kept !== undefined) return kept
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Remembers a choice for the visits to come, null for none; where the browser keeps nothing, for this one. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
    ofThisVisit.delete(key)
  } catch {
    ofThisVisit.set(key, value)
  }
  for (const listener of listeners) listener()
}

/** As `remembered`, followed: changes of this page and of other tabs. Null until the page runs in a browser. */
export const useRemembered = (key: string): string | null =>
  useSyncExternalStore(
    subscribe,
    () => remembered(key),
    () => null,
  )

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}
