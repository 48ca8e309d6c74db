import type { Page } from '@playwright/test'

/** How much of the canvas that nodes and edges are drawn on is painted; 0 before it is there. */
export const paintedNodes = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-id="layer2-node"]')
    if (!canvas || canvas.width === 0) return 0
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
    let sum = 0
    for (let at = 3; at < (data?.length ?? 0); at += 4) sum += data?.[at] === 0 ? 0 : 1
    return sum
  })
