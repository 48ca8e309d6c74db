import type { Page } from '@playwright/test'
import { uiLines } from '@/lib/demo/generated-cluster'
import { expect, test } from './fixtures'

interface Title {
  readonly name: string
  readonly px: number
  /** Pixels in the colour of text, where the name stands. */
  readonly ink: number
}

/** What is read of the drawing that the library keeps on its container. */
interface Drawing {
  zoom(): number
  nodes(selector: string): { map<T>(tell: (box: Box) => T): T[] }
}
interface Box {
  data(key: 'label'): string
  numericStyle(name: 'font-size'): number
  renderedBoundingBox(of: Record<string, boolean>): { readonly x1: number; readonly x2: number; readonly y1: number }
}

/** How names of namespaces are drawn: read from the canvas itself. */
const titles = (page: Page): Promise<Title[]> =>
  page.evaluate(() => {
    const container = document.querySelector('[data-graph-state="drawn"] > div')
    const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-id="layer2-node"]')
    const context = canvas?.getContext('2d')
    if (!container || !canvas || !context) return []
    const cy: Drawing = Reflect.get(container, '_cyreg').cy
    const scale = canvas.width / canvas.clientWidth
    return cy.nodes('[kind = "box"]').map((box) => {
      const px = box.numericStyle('font-size') * cy.zoom()
      const at = box.renderedBoundingBox({ includeNodes: false, includeOverlays: false, includeUnderlays: false })
      const left = Math.round(((at.x1 + at.x2) / 2 - 2 * px) * scale)
      const top = Math.round(at.y1 * scale)
      const { data } = context.getImageData(left, top, Math.round(4 * px * scale), Math.round(1.3 * px * scale))
      let ink = 0
      for (let pixel = 0; pixel < data.length; pixel += 4)
        if ((data[pixel + 3] ?? 0) > 128 && (data[pixel] ?? 255) < 150) ink += 1
      return { name: box.data('label'), px, ink }
    })
  })

test('a cluster of sixty workloads opens with every namespace named at 1440 by 900', async ({ page, postern }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await postern.post(`${uiLines({ nodes: 60, cluster: 'wide', nowMs: Date.now() }).join('\n')}\n`, { dataset: 'wide' })
  await page.goto('/graph?dataset=wide&scope=all')
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  await expect.poll(async () => (await titles(page)).filter(({ px, ink }) => px >= 9 && ink > 20).length).toBe(6)
  const names = (await titles(page)).map(({ name }) => name)
  expect(names.sort()).toEqual(['team-0', 'team-1', 'team-2', 'team-3', 'team-4', 'team-5'])
  // Zoomed out further than any fit, names of namespaces grow on the drawing.
  for (let step = 0; step < 4; step += 1) await page.getByRole('button', { name: 'Zoom out' }).click()
  await expect.poll(async () => (await titles(page)).filter(({ px, ink }) => px >= 9 && ink > 20).length).toBe(6)
})
