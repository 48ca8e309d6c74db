'use client'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { EdgeChange, ServiceGraph as Graph } from '@/lib/model/graph'
import { DrawingTools } from './drawing-tools'
import { elementsOf } from './elements'
import { GraphTwin } from './graph-twin'
import { MarksLegend } from './marks-legend'
import { TrafficOverlay, trackOf } from './traffic-overlay'
import { useDrawing } from './use-drawing'
import { useMoves } from './use-moves'
import { usePalette, useReducedMotion } from './use-palette'
import { useTraffic } from './use-traffic'

interface Props {
  readonly graph: Graph
  readonly selected: string
  /** Names the picture whose places everybody shares (lib/view/layout-key.ts); '' remembers nothing (frozen graphs). */
  readonly layoutKey: string
  /** Places are read, and never written: what a frame shows. */
  readonly isReadOnly?: boolean
  /** `edge:<id>` and `node:<id>` of what a search found; undefined where nothing is searched for. */
  readonly found?: ReadonlySet<string>
  /** By edge id: how edges differ from the window that this one is compared with; undefined where there is none. */
  readonly changes?: ReadonlyMap<string, EdgeChange>
  onSelect(selected: string): void
  /** A group or a workload was opened: a person wants to see what is in it. */
  onStepInto?(nodeId: string): void
}

/** The drawn graph. Owns the canvas; nodes stand still unless a person moves them or asks for Tidy, which can be undone. */
export function ServiceGraph(props: Props) {
  const { graph, selected, layoutKey, isReadOnly, found, changes, onSelect, onStepInto } = props
  const container = useRef<HTMLDivElement>(null)
  const palette = usePalette()
  const isStill = useReducedMotion()
  const elements = useMemo(() => elementsOf(graph, changes), [graph, changes])
  const look = useMemo(() => ({ palette, font: pageFont() }), [palette])
  const traffic = useTraffic(graph.edges.length)
  const overlay = useRef<TrafficOverlay>(undefined)
  const stepInto = (id: string) => {
    const node = graph.nodes.find((each) => each.id === id)
    if (node?.group || node?.class === 'workload') onStepInto?.(id)
  }
  const view = useMoves()
  const control = useDrawing({
    container,
    elements,
    look,
    layoutKey,
    dataset: graph.dataset,
    isShared: !isReadOnly,
    isStill,
    events: {
      onSelect,
      onOpen: stepInto,
      onView: () => overlay.current?.refresh(),
      onPlaces: view.moved,
    },
  })
  const { drawing, isReady, drawn } = control
  useEffect(() => {
    if (isReady && drawn >= 0) drawing.current?.attend({ selected, found })
  }, [drawing, selected, found, isReady, drawn])
  const placeOf = useCallback(
    (item: string) =>
      item.startsWith('edge:')
        ? drawing.current?.screenMiddle(`e${item.slice(5)}`)
        : drawing.current?.screenPosition(item.slice(5)),
    [drawing],
  )
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (!isReady || !traffic.isOn || !canvas.current) return
    const current = new TrafficOverlay(canvas.current, () => ({
      tracks: (drawing.current?.ways() ?? []).flatMap(({ edge, points }) => trackOf(edge, points) ?? []),
      camera: drawing.current?.camera.now ?? { zoom: 1, pan: { x: 0, y: 0 }, isFitted: true },
    }))
    overlay.current = current
    current.start(palette)
    return () => {
      overlay.current = undefined
      current.stop()
    }
  }, [drawing, isReady, traffic.isOn, palette])
  return (
    <div className="relative h-full min-h-0 w-full overflow-hidden" data-graph-state={isReady ? 'drawn' : 'placing'}>
      <div ref={container} aria-hidden className={`h-full w-full ${isReady ? '' : 'invisible'}`} />
      <canvas
        ref={canvas}
        aria-hidden
        data-traffic={isReady && traffic.isOn ? 'moving' : 'still'}
        className="pointer-events-none absolute inset-0 h-full w-full"
      />
      {!isReady && (
        <p role="status" className="absolute inset-x-0 top-1/3 text-center text-(--text-muted)">
          {control.isFailed
            ? 'The graph could not be drawn. The table shows the same edges (key t); loading the page again may help.'
            : 'Laying out the graph …'}
        </p>
      )}
      {isReady && (
        <GraphTwin
          graph={graph}
          selected={selected}
          onSelect={onSelect}
          {...(onStepInto && { onStepInto: stepInto })}
          onFocus={(item, node) => drawing.current?.focus(item, node)}
          placeOf={placeOf}
          placesVersion={drawn + view.moves}
        />
      )}
      <MarksLegend elements={elements} isSearched={found !== undefined} isMoving={isReady && traffic.isOn} />
      <DrawingTools
        traffic={traffic}
        canUndo={control.canUndo}
        onTidy={() => void control.tidy()}
        onUndo={control.undo}
        onFit={() => drawing.current?.camera.fit()}
        onZoom={(direction) => drawing.current?.camera.zoom(direction)}
      />
    </div>
  )
}

/** The family name under which the page loaded its font: a canvas needs it by name. */
function pageFont(): string {
  if (typeof document === 'undefined') return 'system-ui, sans-serif'
  const family = getComputedStyle(document.documentElement).getPropertyValue('--font-geist-sans').trim()
  return family || 'system-ui, sans-serif'
}
