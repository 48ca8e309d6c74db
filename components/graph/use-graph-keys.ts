'use client'
import { useEffect, useRef } from 'react'
import { isTyping } from '@/components/ui/is-typing'

/** What each key does, by `KeyboardEvent.key`; keys that are not here are left alone. */
export type KeyActions = Readonly<Record<string, () => void>>

/** Keys of a page, while nobody types and no modifier is held. */
export function useGraphKeys(actions: KeyActions): void {
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (Object.hasOwn(latest.current, event.key)) latest.current[event.key]?.()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
