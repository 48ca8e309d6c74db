'use client'
import { useEffect, useState } from 'react'

/** The time of day, renewed every 5 s: for ages and silences on screen. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
