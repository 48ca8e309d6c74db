'use client'
import { Maximize, Minus, Plus, Undo2, Wand2 } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { EdgeChange, ServiceGraph as Graph } from '@/lib/model/graph'
import { cameraOf, rememberCamera } from './cameras'
import { elementsOf, type GraphElement } from './elements'
import { GraphDrawing } from './graph-drawing'
import { GraphTwin } from './graph-twin'
import { type Layout, layeredLayout } from './layout'
import { readPlaces, writePlaces } from './stored-places'
import { useTheme } from './use-theme'

interface Props {
  readonly graph: Graph
  readonly selected: string
  /** Names the view whose places this browser remembers; '' remembers nothing (frozen and embedded graphs). */
  readonly layoutKey: string
  /** `edge:<id>` and `node:<id>` of what a search found; undefined where nothing is searched for. */
  readonly found?: ReadonlySet<string>
  /** By edge id: how edges differ from the window that this one is compared with; undefined where there is none. */
  readonly changes?: ReadonlyMap<string, EdgeChange>
  onSelect(selected: string): void
  /** A group or a workload was opened: a person wants to see what is in it. */
  onStepInto?(nodeId: string): void
}

/** The drawn graph. Owns the canvas; nodes stand still unless a person moves them or asks for Tidy, which can be undone. */
export function ServiceGraph({ graph, selected, layoutKey, onSelect }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const drawing = useRef<GraphDrawing>(undefined)
  const theme = useTheme()
  const elements = useMemo(() => elementsOf(graph), [graph])
  const [isReady, setIsReady] = useState(false)
  // Places are read from the canvas while the twin renders, so it renders once more after the canvas has drawn.
  const [, setDrawn] = useState(0)
  const [before, setBefore] = useState<Layout>()
  const latest = useRef({ elements, selected, onSelect })
  latest.current = { elements, selected, onSelect }
  const remember = useCallback(() => {
    if (layoutKey && drawing.current) writePlaces(layoutKey, drawing.current)
  }, [layoutKey])

  useEffect(() => {
    if (!container.current) return
    let isOver = false
    let isDrawn = false
    const current = new GraphDrawing(
      container.current,
      { theme: 'light', font: pageFont() },
      { onSelect: (item) => latest.current.onSelect(item), onMoved: remember },
    )
    drawing.current = current
    if (layoutKey) takeLayout(current, readPlaces(layoutKey))
    void layOut(current, latest.current.elements).then(() => {
      if (isOver) return
      current.update(latest.current.elements)
      current.select(latest.current.selected)
      const camera = layoutKey ? cameraOf(layoutKey) : undefined
      if (camera) current.look(camera)
      else current.fit()
      isDrawn = true
      remember()
      setIsReady(true)
    })
    const observer = new ResizeObserver(() => current.resize())
    observer.observe(container.current)
    return () => {
      isOver = true
      observer.disconnect()
      drawing.current = undefined
      setIsReady(false)
      if (isDrawn) rememberCamera(layoutKey, current.camera())
      current.destroy()
    }
  }, [layoutKey, remember])

  useEffect(() => drawing.current?.setLook(theme, pageFont()), [theme])
  useEffect(() => {
    if (!isReady) return
    drawing.current?.update(elements)
    remember()
    setDrawn((count) => count + 1)
  }, [elements, isReady, remember])
  useEffect(() => {
    if (isReady && elements) drawing.current?.select(selected)
  }, [elements, selected, isReady])

  const tidy = async () => {
    const current = drawing.current
    if (!current) return
    setBefore({ positions: new Map(current.positions), routes: new Map(current.routes) })
    const { positions, routes } = await layeredLayout(latest.current.elements)
    current.place(positions, routes)
    current.fit()
    remember()
  }
  const undo = () => {
    if (before) drawing.current?.place(before.positions, before.routes)
    drawing.current?.fit()
    setBefore(undefined)
    remember()
  }
  return (
    <div className="relative h-full min-h-0 w-full overflow-hidden">
      <div ref={container} aria-hidden className={`h-full w-full ${isReady ? '' : 'invisible'}`} />
      {!isReady && <p className="absolute inset-x-0 top-1/3 text-center text-(--text-muted)">Laying out the graph …</p>}
      {isReady && (
        <GraphTwin
          graph={graph}
          selected={selected}
          onSelect={onSelect}
          onFocus={(id) => drawing.current?.focus(id)}
          placeOf={(item) =>
            item.startsWith('edge:')
              ? drawing.current?.screenMiddle(`e${item.slice(5)}`)
              : drawing.current?.screenPosition(item.slice(5))
          }
        />
      )}
      <div className="absolute top-2 right-2 flex gap-1" role="toolbar" aria-label="Drawing">
        <Button size="small" onClick={() => void tidy()}>
          <Wand2 aria-hidden size={14} /> Tidy
        </Button>
        {before && (
          <Button size="small" onClick={undo}>
            <Undo2 aria-hidden size={14} /> Undo
          </Button>
        )}
        <Button size="icon" aria-label="Fit the graph into the window" onClick={() => drawing.current?.fit()}>
          <Maximize aria-hidden size={14} />
        </Button>
        <Button size="icon" aria-label="Zoom out" onClick={() => drawing.current?.zoom(-1)}>
          <Minus aria-hidden size={14} />
        </Button>
        <Button size="icon" aria-label="Zoom in" onClick={() => drawing.current?.zoom(1)}>
          <Plus aria-hidden size={14} />
        </Button>
      </div>
    </div>
  )
}

/** Lays out a graph that nobody has seen yet; without a worker its nodes are placed one after another. */
async function layOut(drawing: GraphDrawing, elements: readonly GraphElement[]): Promise<void> {
  if (!drawing.needsLayout(elements)) return
  try {
    takeLayout(drawing, await layeredLayout(elements))
  } catch (error) {
    console.error('The layout failed; nodes are placed one by one.', error)
  }
}

/** Before anything is drawn: where things will stand. */
function takeLayout(drawing: GraphDrawing, { positions, routes }: Layout): void {
  for (const [id, at] of positions) drawing.positions.set(id, at)
  for (const [id, route] of routes) drawing.routes.set(id, route)
}

/** The family name under which the page loaded its font: a canvas needs it by name. */
function pageFont(): string {
  const family = getComputedStyle(document.documentElement).getPropertyValue('--font-geist-sans').trim()
  return family || 'system-ui, sans-serif'
}
