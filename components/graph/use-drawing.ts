'use client'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { type Camera, cameraOf, keepCamera } from './camera-memory'
import type { GraphElement } from './elements'
import type { DrawingEvents, GraphDrawing } from './graph-drawing'
import { layOut } from './lay-out'
import { fetchPlaces, type Places, PlaceTeller, tellPlaces } from './shared-places'
import type { Look } from './stylesheet'

/** A third of the page's scripts, and of no use before there is a graph: it comes while the graph is asked for. */
const loadDrawing = () => import('./graph-drawing')
if (typeof window !== 'undefined') loadDrawing().catch(() => undefined)

interface Options {
  readonly container: RefObject<HTMLDivElement | null>
  readonly elements: readonly GraphElement[]
  readonly look: Look
  /** Of the dataset; '' remembers nothing. */
  readonly layoutKey: string
  readonly dataset: string
  /** Others see what changes here. */
  readonly isShared: boolean
  readonly isStill: boolean
  readonly events: Pick<DrawingEvents, 'onSelect' | 'onOpen' | 'onView' | 'onPlaces'>
}

export interface DrawingControl {
  readonly drawing: RefObject<GraphDrawing | undefined>
  readonly isReady: boolean
  /** Its script did not come, or the browser has no canvas. */
  readonly isFailed: boolean
  /** Grows whenever the canvas has drawn other elements, or at other places. */
  readonly drawn: number
  readonly canUndo: boolean
  tidy(): Promise<void>
  undo(): void
}

/**
 * The canvas of a picture: laid out once for everybody, then kept as the elements change. Places come from the server and what changes
 * goes there; the camera of a picture is remembered while the page is open. Nothing moves by itself.
 */
export function useDrawing(options: Options): DrawingControl {
  const { container, elements, look, layoutKey, dataset, isShared, isStill } = options
  const drawing = useRef<GraphDrawing>(undefined)
  const teller = useRef<PlaceTeller>(undefined)
  const [isReady, setIsReady] = useState(false)
  const [isFailed, setIsFailed] = useState(false)
  const [drawn, setDrawn] = useState(0)
  const [before, setBefore] = useState<{ places: Places; camera: Camera }>()
  const latest = useRef(options)
  latest.current = options

  useEffect(() => {
    if (!container.current) return
    const of = layoutKey ? { dataset, key: layoutKey } : undefined
    const isTold = of !== undefined && latest.current.isShared
    let isOver = false
    const begin = async (): Promise<(() => void) | undefined> => {
      const [{ GraphDrawing }, known] = await Promise.all([loadDrawing(), of && fetchPlaces(of)])
      if (isOver || !container.current) return undefined
      const current = new GraphDrawing(container.current, latest.current.look, {
        onSelect: (item) => latest.current.events.onSelect(item),
        onOpen: (id) => latest.current.events.onOpen(id),
        onView: () => latest.current.events.onView(),
        onPlaces: () => latest.current.events.onPlaces(),
        onMoved: (ids) => {
          teller.current?.add('moved', ids)
          setDrawn((count) => count + 1)
        },
      })
      drawing.current = current
      const elsewhere = (places: Places) => {
        if (drawing.current === current) current.adopt(places)
      }
      const telling = isTold ? new PlaceTeller(of, current.placesOf, elsewhere) : undefined
      teller.current = telling
      if (known) current.remember(known)
      const observer = new ResizeObserver(() => current.camera.resize())
      const flush = () => telling?.flush()
      window.addEventListener('pagehide', flush)
      const end = () => {
        observer.disconnect()
        window.removeEventListener('pagehide', flush)
        flush()
        if (layoutKey && current.isDrawn) keepCamera(`${dataset}/${layoutKey}`, current.camera.now)
        if (drawing.current === current) drawing.current = undefined
        if (teller.current === telling) teller.current = undefined
        current.destroy()
      }
      if (current.needsLayout(latest.current.elements)) {
        const own = await layOut(latest.current.elements)
        const isFirst = known === undefined || known.spots.size === 0
        // Another browser may have laid it out meanwhile: then its picture is everybody's.
        const told = isTold && !isOver ? await tellPlaces(of, isFirst ? 'first' : 'moved', own) : undefined
        if (isOver) return end
        current.remember(isFirst && told && told.spots.size > 0 ? told : own)
      }
      // Drawn first: nobody is told of a picture that is only read.
      const settled = current.update(latest.current.elements)
      telling?.add('new', settled)
      if (known && known.spots.size > MANY_PLACES) telling?.add('new', current.drawnNodes())
      const camera = layoutKey ? cameraOf(`${dataset}/${layoutKey}`) : undefined
      if (camera) current.camera.restore(camera)
      else current.camera.fit()
      current.sizeLabels()
      observer.observe(container.current)
      setIsReady(true)
      return end
    }
    const begun = begin()
    begun.catch((error: unknown) => {
      console.error('The graph could not be drawn.', error)
      if (!isOver) setIsFailed(true)
    })
    return () => {
      isOver = true
      setIsReady(false)
      setIsFailed(false)
      setBefore(undefined)
      void begun.then(
        (end) => end?.(),
        () => undefined,
      )
    }
  }, [container, dataset, layoutKey])

  useEffect(() => drawing.current?.setLook(look), [look])
  useEffect(() => {
    const current = drawing.current
    if (!isReady || !current) return
    const settled = current.update(elements)
    teller.current?.add('new', settled)
    setDrawn((count) => count + 1)
  }, [elements, isReady])

  const show = useCallback(
    (places: Places) => {
      const current = drawing.current
      if (!current) return
      current.place(places, !isStill)
      setDrawn((count) => count + 1)
      if (isShared) teller.current?.tellAll(places)
    },
    [isStill, isShared],
  )
  const tidy = async () => {
    const current = drawing.current
    if (!current) return
    const places = await layOut(latest.current.elements)
    if (drawing.current !== current) return
    setBefore({ places: current.placesOf(places.spots.keys()), camera: current.camera.now })
    show(places)
    current.camera.fit()
  }
  const undo = () => {
    if (!before) return
    show(before.places)
    drawing.current?.camera.restore(before.camera)
    setBefore(undefined)
  }
  return { drawing, isReady, isFailed, drawn, canUndo: before !== undefined, tidy, undo }
}

/** So many places are remembered that the oldest may be forgotten: who is on screen is told again. */
const MANY_PLACES = 1500
