import type { GraphElement } from './elements'
import { moreLegible } from './fitted-zoom'
import { packedLayout } from './packed-layout'
import type { Places } from './shared-places'

/**
 * Above these, no layers could be read: of any shape they leave five sixths of a picture empty (measured at 30 to 150 nodes), and take
 * seconds.
 */
const MAX_LAYERED = { nodes: 80, edges: 160 }
const PATIENCE_MS = 8000

/**
 * A first picture, or a tidy one: layers where names can be read in them, else boxes side by side; so too where layers fail or take too
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
    return moreLegible(elements, await Promise.race([layeredLayout(elements), late]), packedLayout(elements))
  } catch (error) {
    console.error('The layered layout failed; boxes stand side by side.', error)
    return packedLayout(elements)
  } finally {
    clearTimeout(timer)
  }
}
