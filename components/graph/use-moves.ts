'use client'
import { startTransition, useCallback, useEffect, useRef, useState } from 'react'

const REST_MS = 200

/**
 * Counts the moves of something: each once when it begins and once when it has come to rest, so that what is worked out for where it
 * stands is not worked out at every step of the way.
 */
export function useMoves(): { readonly moves: number; moved(): void } {
  const [moves, setMoves] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const moved = useCallback(() => {
    const count = () => startTransition(() => setMoves((before) => before + 1))
    if (timer.current === undefined) count()
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      timer.current = undefined
      count()
    }, REST_MS)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
  return { moves, moved }
}
