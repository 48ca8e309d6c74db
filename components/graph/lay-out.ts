import type { GraphElement } from './elements'
import { packedLayout } from './packed-layout'
import type { Places } from './shared-places'

/** Above these, layers take longer than anybody waits, and are wider than anybody reads. */
const MAX_LAYERED = { nodes: 180, edges: 450 }
const PATIENCE_MS = 8000

/**
 * A first picture, or a tidy one: layers where the drawing is readable, else boxes side by side; so too where layers fail or take too
 * long. What makes layers is loaded when it is needed.
 */
export async function layOut(elements: readonly GraphElement[]): Promise<Places> {
  const count = (kind: GraphElement['kind']) => elements.filter((element) => element.kind === kind).length
  if (count('node') > MAX_LAYERED.nodes || count('edge') > MAX_LAYERED.edges) return packedLayout(elements)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const { layeredLayout } = await import('./layout')
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no layout within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
    })
    return await Promise.race([layeredLayout(elements), late])
  } catch (error) {
    console.error('The layered layout failed; boxes stand side by side.', error)
    return packedLayout(elements)
  } finally {
    clearTimeout(timer)
  }
}
