'use client'
import { useEffect, useRef, useState } from 'react'
import type { ServiceGraph } from '@/lib/model/graph'
import { changeSentence } from '@/lib/view/change-sentence'

/** What is said at once would be cut off by what is said next. */
const SETTLE_MS = 1000
const BETWEEN_MS = 8000

/** Says what changed on a live graph to those who listen: in sum, and not more often than every eight seconds. */
export function GraphAnnouncer({ graph }: { readonly graph: ServiceGraph }) {
  const [said, setSaid] = useState('')
  const told = useRef<ServiceGraph>(undefined)
  const latest = useRef(graph)
  latest.current = graph
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const lastMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (timer.current !== undefined || told.current === graph) return
    const waitMs = Math.max(SETTLE_MS, lastMs.current + BETWEEN_MS - performance.now())
    timer.current = setTimeout(() => {
      timer.current = undefined
      const sentence = changeSentence(told.current, latest.current)
      told.current = latest.current
      if (sentence === '') return
      lastMs.current = performance.now()
      setSaid(sentence)
    }, waitMs)
  }, [graph])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <p aria-live="polite" className="sr-only" data-announced>
      {said}
    </p>
  )
}
