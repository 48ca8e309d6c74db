import type { Point } from './edge-geometry'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** How much worse a step aside is than a step ahead. */
const ASIDE = 2.2

/** The node that a person means who goes from one place in a direction: near, and ahead rather than aside; undefined where none is. Pure. */
export function nearestNode<Node extends { readonly at: Point }>(
  from: Point,
  nodes: readonly Node[],
  direction: Direction,
): Node | undefined {
  let best: { readonly node: Node; readonly cost: number } | undefined
  for (const node of nodes) {
    const [dx, dy] = [node.at.x - from.x, node.at.y - from.y]
    const ahead = { left: -dx, right: dx, up: -dy, down: dy }[direction]
    const aside = Math.abs(direction === 'left' || direction === 'right' ? dy : dx)
    if (ahead < 1) continue
    const cost = ahead + ASIDE * aside
    if (!best || cost < best.cost) best = { node, cost }
  }
  return best?.node
}
