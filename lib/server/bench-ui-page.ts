import type { Page } from '@playwright/test'

/** What one page of one size took, in milliseconds; each the median of its repeats, and not a number where it did not end in time. */
export interface PageMeasured {
  /** What one node of the drawing stands for. */
  readonly level: string
  /** Edges that the server kept off the drawing for want of room. */
  readonly leftOut: number
  readonly drawnNodes: number
  readonly drawnEdges: number
  /** From the beginning of the navigation to the nodes on the canvas: with places known, and with a layout to be made. */
  readonly firstMs: number
  readonly layoutMs: number
  /** Between two frames while a hand moves the picture: nine in ten are shorter. */
  readonly panMs: number
  /** From the press to the panel beside the picture. */
  readonly selectMs: number
  /** From the arrival of a patch to the new node on the canvas. */
  readonly patchMs: number
  /** The same graph's JSON fetched, parsed, and drawn as bare lines and squares. */
  readonly bareMs: number
  /** The same where the bare lines and squares are drawn anew. */
  readonly bareFrameMs: number
}

const REPEATS = 3
const PAN_STEPS = 20
/** A pan ends after so long, however few frames it had. */
const PAN_MS = 15_000
const TIMEOUT_MS = 60_000
const SELECT_MS = 20_000
const PATCH_MS = 20_000
/** What takes longer than this is not repeated. */
const LONG_MS = 15_000
const DRAWN = '[data-graph-state="drawn"]'

/** Runs before any script of a page: notes when the drawing is there, and when a patch arrives. */
const WATCH = `
  window.bench = { drawnMs: 0, patchMs: 0 };
  new MutationObserver(() => {
    if (window.bench.drawnMs === 0 && document.querySelector('${DRAWN}'))
      requestAnimationFrame(() => { window.bench.drawnMs ||= performance.now(); });
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-graph-state'] });
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, handler, ...rest) {
    const noted = name === 'patch' ? (event) => { window.bench.patchMs = performance.now(); handler(event); } : handler;
    return listen.call(this, name, noted, ...rest);
  };
  try { localStorage.setItem('postern-traffic', 'off'); } catch {}
`

export interface PageWork {
  /** Takes the places of all nodes away. */
  forget(): Promise<void>
  /** Adds a node to the view and answers its name. */
  send(): Promise<string>
  /** Says what has been measured. */
  tell(what: string): void
}

/** Measures a view of the graph page. What does not end in time is not a number; the rest is measured all the same. */
export async function measurePage(
  page: Page,
  url: string,
  params: string,
  { forget, send, tell }: PageWork,
): Promise<PageMeasured> {
  const measured = async (what: string, measure: (repeat: number) => Promise<number>, repeats = REPEATS) => {
    const ms = await median(repeats, (repeat) => measure(repeat).catch(() => Number.NaN))
    tell(`${what} ${Number.isNaN(ms) ? 'did not end in time' : `${Math.round(ms)} ms`}`)
    return ms
  }
  page.setDefaultTimeout(TIMEOUT_MS)
  await page.addInitScript(WATCH)
  const target = `${url}/graph?${params}`
  const layoutMs = await measured('first visit of all', async () => {
    await forget()
    return visit(page, target)
  })
  const firstMs = await measured('visit', () => visit(page, target))
  const [drawnNodes, drawnEdges] = [
    await page.locator('[data-graph-item^="node:"]').count(),
    await page.locator('[data-graph-item^="edge:"]').count(),
  ]
  const panMs = await measured('a frame of a pan', () => pan(page), 1)
  const selectMs = await measured('press to panel', (repeat) => select(page, repeat))
  await page.evaluate(() =>
    document.querySelector<HTMLButtonElement>('aside button[aria-label="Close the panel"]')?.click(),
  )
  const patchMs = await measured('patch to canvas', () => patch(page, send))
  const least = await bare(page, params)
  return { drawnNodes, drawnEdges, firstMs, layoutMs, panMs, selectMs, patchMs, ...least }
}

async function median(repeats: number, measure: (repeat: number) => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const value = await measure(repeat)
    values.push(value)
    if (Number.isNaN(value) || value > LONG_MS) return value
  }
  return values.sort((a, b) => a - b)[Math.floor(repeats / 2)] ?? Number.NaN
}

async function visit(page: Page, target: string): Promise<number> {
  await page.goto(target, { waitUntil: 'commit', timeout: TIMEOUT_MS })
  const drawn = await page.waitForFunction('window.bench && window.bench.drawnMs > 0 && window.bench.drawnMs')
  return Number(await drawn.jsonValue())
}

/** A hand on the empty ground moves the picture; frames are counted while it does. */
async function pan(page: Page): Promise<number> {
  const box = await page.locator(`${DRAWN} canvas`).first().boundingBox()
  if (!box) return Number.NaN
  const [x, y] = [box.x + 8, box.y + box.height - 80]
  await page.evaluate(`(() => {
    window.bench.frames = [];
    let last = performance.now();
    const tick = (now) => { window.bench.frames.push(now - last); last = now; window.bench.frame = requestAnimationFrame(tick); };
    window.bench.frame = requestAnimationFrame(tick);
  })()`)
  await page.mouse.move(x, y)
  await page.mouse.down()
  const endMs = Date.now() + PAN_MS
  for (let step = 1; step <= PAN_STEPS && Date.now() < endMs; step += 1) {
    await page.mouse.move(x + step * 6, y - step * 3)
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))')
  }
  await page.mouse.up()
  const frames = await page.evaluate(
    '(() => { cancelAnimationFrame(window.bench.frame); return window.bench.frames; })()',
  )
  const sorted = (Array.isArray(frames) ? frames.map(Number) : []).slice(2).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.9)] ?? Number.NaN
}

async function select(page: Page, repeat: number): Promise<number> {
  return Number(
    await page.evaluate(`new Promise((done) => {
      const edges = document.querySelectorAll('[data-graph-item^="edge:"]');
      const edge = edges[(${repeat} * 7 + 3) % edges.length];
      const start = performance.now();
      const check = () => {
        if (performance.now() - start > ${SELECT_MS}) done(NaN);
        else if (edge.getAttribute('aria-pressed') === 'true' && document.querySelector('aside[aria-label="Evidence of the edge"]'))
          requestAnimationFrame(() => done(performance.now() - start));
        else requestAnimationFrame(check);
      };
      edge.click();
      check();
    })`),
  )
}

/** Not a number where the node did not come: the server may keep it off a drawing that is full. */
async function patch(page: Page, send: () => Promise<string>): Promise<number> {
  const name = await send()
  const condition = `(() => {
    const item = [...document.querySelectorAll('[data-graph-item^="node:"]')].find((node) => node.textContent.includes(${JSON.stringify(name)}));
    return item && item.dataset.x ? performance.now() - window.bench.patchMs : 0;
  })()`
  const found = await page.waitForFunction(condition, undefined, { timeout: PATCH_MS })
  return Number(await found.jsonValue())
}

/** The least that a browser does with the same graph. */
async function bare(
  page: Page,
  params: string,
): Promise<Pick<PageMeasured, 'bareMs' | 'bareFrameMs' | 'level' | 'leftOut'>> {
  const answer: unknown = await page.evaluate(`(async () => {
    const start = performance.now();
    const graph = JSON.parse(await (await fetch('/api/graph?' + ${JSON.stringify(params)})).text());
    const canvas = document.createElement('canvas');
    canvas.width = innerWidth; canvas.height = innerHeight;
    canvas.style.cssText = 'position:fixed;inset:0;z-index:99';
    document.body.append(canvas);
    const context = canvas.getContext('2d');
    const at = new Map(graph.nodes.map((node, index) => [node.id, [(index * 97) % innerWidth, (index * 61) % innerHeight]]));
    const draw = (shift) => {
      context.clearRect(0, 0, canvas.width, canvas.height);
      for (const edge of graph.edges) {
        const [a, b] = [at.get(edge.client), at.get(edge.server)];
        if (!a || !b) continue;
        context.beginPath(); context.moveTo(a[0] + shift, a[1]); context.lineTo(b[0] + shift, b[1]); context.stroke();
      }
      for (const [x, y] of at.values()) { context.fillRect(x + shift - 10, y - 10, 20, 20); }
    };
    draw(0);
    await new Promise((done) => requestAnimationFrame(done));
    const bareMs = performance.now() - start;
    const frames = [];
    let last = performance.now();
    for (let frame = 0; frame < 20; frame += 1) {
      draw(frame);
      await new Promise((done) => requestAnimationFrame(done));
      frames.push(performance.now() - last);
      last = performance.now();
    }
    canvas.remove();
    return [bareMs, frames.sort((a, b) => a - b)[18], graph.hidden.by?.limit?.edges ?? 0, graph.level];
  })()`)
  const [bareMs = Number.NaN, bareFrameMs = Number.NaN, leftOut = Number.NaN, level = ''] = Array.isArray(answer)
    ? answer
    : []
  return { bareMs: Number(bareMs), bareFrameMs: Number(bareFrameMs), leftOut: Number(leftOut), level: String(level) }
}
