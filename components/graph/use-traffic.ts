'use client'
import { useCallback } from 'react'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { remember, useRemembered } from '@/components/ui/browser-memory'
import { useReducedMotion } from './use-palette'

const KEY = 'postern-traffic'
/** Above this many edges nothing moves unless a person asks for it; above the second nothing does. */
const CALM_EDGES = 300
const MOST_EDGES = 1500

export interface Traffic {
  readonly isOn: boolean
  /** Why it cannot be turned on; undefined where it can. */
  readonly refusal: string | undefined
  toggle(): void
}

/**
 * Whether traffic moves on the drawing. A person's choice is remembered in the browser; without one it moves where edges are few. It
 * never does where the system asks for little motion. The space bar turns it on and off, except where it presses something.
 */
export function useTraffic(edges: number): Traffic {
  const isReduced = useReducedMotion()
  const choice = useRemembered(KEY)
  const refusal = isReduced
    ? 'Off: your system asks for less motion'
    : edges > MOST_EDGES
      ? `Off: more than ${MOST_EDGES} edges are drawn`
      : undefined
  const isOn = refusal === undefined && (choice === null ? edges <= CALM_EDGES : choice === 'on')
  const toggle = useCallback(() => {
    if (refusal === undefined) remember(KEY, isOn ? 'off' : 'on')
  }, [isOn, refusal])
  useShortcuts({ pause: toggle })
  return { isOn, refusal, toggle }
}
