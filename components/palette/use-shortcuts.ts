'use client'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { type ShortcutId, shortcutOf } from './shortcuts'

const KEY = 'postern-shortcuts'
const CHANGED = 'postern-shortcuts-changed'

const isOffNow = (): boolean => {
  try {
    return localStorage.getItem(KEY) === 'off'
  } catch {
    return false
  }
}

/** Switches single keys on or off; the browser remembers. */
export function setShortcutsOff(isOff: boolean): void {
  try {
    if (isOff) localStorage.setItem(KEY, 'off')
    else localStorage.removeItem(KEY)
  } catch {
    // A browser that remembers nothing keeps them on.
  }
  window.dispatchEvent(new Event(CHANGED))
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(CHANGED, onChange)
  window.addEventListener('storage', onChange)
  return () => {
    window.removeEventListener(CHANGED, onChange)
    window.removeEventListener('storage', onChange)
  }
}

/** Whether single keys are switched off in this browser. */
export const useShortcutsOff = (): boolean => useSyncExternalStore(subscribe, isOffNow, () => false)

/**
 * Runs what stands for a shortcut when its key is pressed: not while somebody writes, nor while single keys are off. Where two parts of a
 * page have the same key, the one that is `isFirst` takes it.
 */
export function useShortcuts(
  handlers: Readonly<Partial<Record<ShortcutId, () => void>>>,
  { isFirst = false }: { readonly isFirst?: boolean } = {},
): void {
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const id = shortcutOf(event, focusOf(event.target), isOffNow())
      const handler = id && latest.current[id]
      if (!handler) return
      event.preventDefault()
      handler()
    }
    window.addEventListener('keydown', onKey, { capture: isFirst })
    return () => window.removeEventListener('keydown', onKey, { capture: isFirst })
  }, [isFirst])
}

const WRITING =
  'input:not([type=checkbox], [type=radio], [type=button]), select, textarea, [contenteditable], [role=textbox]'
const PRESSING =
  'button, a[href], summary, input, [role=button], [role=tab], [role=slider], [role=option], [role=menuitem]'

/** What is open above the page has its keys for itself. */
const isCovered = (): boolean => document.querySelector('[role=dialog][data-state=open]') !== null

const focusOf = (target: EventTarget | null) =>
  target instanceof HTMLElement
    ? { isWriting: target.closest(WRITING) !== null || isCovered(), isPressing: target.closest(PRESSING) !== null }
    : { isWriting: isCovered(), isPressing: false }
