'use client'
import { useCallback, useSyncExternalStore } from 'react'
import { lookText, readLook, type TableLook, USUAL_LOOK } from './column-prefs'

const KEY = 'postern-flow-table'
/** Told when this tab changes what is kept; the browser tells of other tabs. */
const CHANGED = 'postern-flow-table-changed'

let [lastText, lastLook]: [string | null, TableLook] = [null, USUAL_LOOK]

/** Equal texts are one look, so that nothing is drawn again for it. */
function current(): TableLook {
  const text = kept()
  if (text !== lastText) [lastText, lastLook] = [text, readLook(text)]
  return lastLook
}

/** A browser may keep nothing for us; then the look is that of this visit. */
function kept(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return lastText
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('storage', listener)
  window.addEventListener(CHANGED, listener)
  return () => {
    window.removeEventListener('storage', listener)
    window.removeEventListener(CHANGED, listener)
  }
}

/** How this browser has the flow table: remembered in it, the usual look until it is known. */
export function useTableLook(): [TableLook, (look: TableLook) => void] {
  const look = useSyncExternalStore(subscribe, current, () => USUAL_LOOK)
  const setLook = useCallback((next: TableLook) => {
    try {
      localStorage.setItem(KEY, lookText(next))
    } catch {
      ;[lastText, lastLook] = [lookText(next), next]
    }
    window.dispatchEvent(new Event(CHANGED))
  }, [])
  return [look, setLook]
}
