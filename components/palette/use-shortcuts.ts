'use client'
import { useEffect, useRef } from 'react'
import { remember, remembered, useRemembered } from '@/components/ui/browser-memory'
import { type ShortcutId, shortcutOf } from './shortcuts'

const KEY = 'postern-shortcuts'
const OFF = 'off'

/** Switches single keys on or off; the browser remembers. */
export const setShortcutsOff = (isOff: boolean): void => remember(KEY, isOff ? OFF : null)

/** Whether single keys are switched off in this browser. */
export const useShortcutsOff = (): boolean => useRemembered(KEY) === OFF

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
      const id = shortcutOf(event, focusOf(event.target), remembered(KEY) === OFF)
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
