'use client'
import { type KeyboardEvent, useRef } from 'react'
import { DOCK_SIZES, type DockSize } from './use-dock-size'

interface Props {
  readonly size: DockSize
  onResize(step: number): void
}

/** The upper edge of the dock: dragged, it snaps to the nearest of its heights; arrow keys, Home and End do the same. */
export function DockHandle({ size, onResize }: Props) {
  const start = useRef<{ readonly y: number; readonly px: number }>(undefined)
  const onKey = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: size.step + 1,
      ArrowDown: size.step - 1,
      Home: 0,
      End: DOCK_SIZES.length - 1,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    onResize(step)
  }
  return (
    // A separator that has the focus is a widget (ARIA 1.2): it has a value and takes keys.
    // biome-ignore lint/a11y/useSemanticElements: an <hr> can be neither dragged nor moved
    <div
      role="separator"
      tabIndex={0}
      aria-label="Height of the dock"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={DOCK_SIZES.length - 1}
      aria-valuenow={size.step}
      aria-valuetext={size.word}
      className="h-1.5 cursor-row-resize touch-none hover:bg-(--accent)/30"
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = { y: event.clientY, px: size.px }
      }}
      onPointerMove={(event) => {
        if (!start.current) return
        const px = start.current.px + start.current.y - event.clientY
        const nearest = DOCK_SIZES.reduce(
          (best, one) => (Math.abs(one.px - px) < Math.abs(best.px - px) ? one : best),
          size,
        )
        if (nearest.step !== size.step) onResize(nearest.step)
      }}
      onPointerUp={() => {
        start.current = undefined
      }}
      onPointerCancel={() => {
        start.current = undefined
      }}
    />
  )
}
