'use client'
import { useCallback, useMemo } from 'react'
import { remember, useRemembered } from '@/components/ui/browser-memory'
import { lookText, readLook, type TableLook } from './column-prefs'

const KEY = 'postern-flow-table'

/** How this browser has the flow table: remembered in it, the usual look until it is known. */
export function useTableLook(): [TableLook, (look: TableLook) => void] {
  const text = useRemembered(KEY)
  const look = useMemo(() => readLook(text), [text])
  const setLook = useCallback((next: TableLook) => remember(KEY, lookText(next)), [])
  return [look, setLook]
}
