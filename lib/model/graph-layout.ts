import { z } from 'zod'
import { LIMITS } from './limits'

/**
 * Where a node of a drawing stands: its id and its middle, in px of the drawing, and which box of its namespace holds it (0, the
 * first, where it is left out). Ids are those of `GraphNode`: hashes, and what stands for several nodes or one pod.
 */
export type NodePlace = readonly [id: string, x: number, y: number, part?: number]
/** The way of an edge around nodes: its id, then x and y of its source, of its target, and of each bend. */
export type EdgeRoute = readonly [id: string, way: readonly number[]]

/** What is remembered of the drawing of one view. */
export interface GraphLayout {
  /** Those placed last at the end. */
  readonly nodes: readonly NodePlace[]
  readonly routes: readonly EdgeRoute[]
}

export const EMPTY_LAYOUT: GraphLayout = { nodes: [], routes: [] }

/**
 * What a browser tells of its drawing. `first`: nobody laid this view out before, as far as it knows; kept where that is so.
 * `new`: nodes that came since; each kept where it has no place yet. `moved`: a person moved these, or asked for Tidy; kept
 * whatever was there.
 */
export const LAYOUT_CHANGES = ['first', 'new', 'moved'] as const
export type LayoutChange = (typeof LAYOUT_CHANGES)[number]

/** Beyond this nobody would find a node again. */
const FAR_PX = 1_000_000
const MAX_PART = 100
const pixel = z
  .number()
  .min(-FAR_PX)
  .max(FAR_PX)
  .transform((value) => Math.round(value))
/** Nodes and edges alike: several as one, and pods, have ids of their own kind. */
const drawnId = z.string().regex(/^(?:-?\d{1,20}|[gp][0-9a-f]{16})$/)

/** A layout as it is stored, and as it comes over the wire. Coordinates are rounded to whole px. */
export const graphLayout = z.strictObject({
  nodes: z
    .array(z.union([z.tuple([drawnId, pixel, pixel]), z.tuple([drawnId, pixel, pixel, z.int().min(1).max(MAX_PART)])]))
    .max(LIMITS.layoutNodes),
  routes: z
    .array(
      z.tuple([
        drawnId,
        z
          .array(pixel)
          .min(6)
          .max(4 + 2 * LIMITS.layoutBends)
          .refine((way) => way.length % 2 === 0, 'x and y of each point'),
      ]),
    )
    .max(LIMITS.layoutRoutes),
})

/** Names a view among those whose places are remembered (lib/view/layout-key.ts). */
export const layoutKey = z
  .string()
  .min(1)
  .max(LIMITS.layoutKeyChars)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'no control characters')
