'use client'
import { useSyncExternalStore } from 'react'
import type { Theme } from '@/lib/view/state-colors'

/** The theme on screen, as chosen or as the system says; for what CSS variables do not reach. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, current, () => 'light')

const QUERY = '(prefers-color-scheme: dark)'

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const system = matchMedia(QUERY)
  system.addEventListener('change', onChange)
  return () => {
    observer.disconnect()
    system.removeEventListener('change', onChange)
  }
}

function current(): Theme {
  const chosen = document.documentElement.dataset.theme
  if (chosen === 'dark' || chosen === 'light') return chosen
  return matchMedia(QUERY).matches ? 'dark' : 'light'
}
