'use client'
import { startTransition, useCallback, useEffect, useRef, useState } from 'react'

const REST_MS = 200

/** Counts how often something that moves has come to rest: what is worked out for where it stands is not worked out on the way. */
export function useRested(): { readonly rests: number; moved(): void } {
  const [rests, setRests] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const moved = useCallback(() => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => startTransition(() => setRests((count) => count + 1)), REST_MS)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
  return { rests, moved }
}
