import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { GraphEdge } from '@/lib/model/graph'
import { ProblemFindings } from './problem-findings'

const edge = (openFindings: number): GraphEdge => ({
  id: '1',
  client: '2',
  server: '3',
  cluster: 'k',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  variants: [],
  isAi: true,
  openFindings,
  firstMs: 0,
  lastMs: 1,
})
const found = [
  { id: 'a', title: 'A key was \u202eused' },
  { id: 'b', title: 'Left by another address' },
  { id: 'c', title: 'A new provider' },
]
const html = (count: number, findings: typeof found | undefined) =>
  renderToStaticMarkup(<ProblemFindings edge={edge(count)} dataset="demo" findings={findings} onAll={() => {}} />)
const hrefs = (text: string) => [...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

it('an edge’s findings are named, each leading to its page, and what is not named is counted', () => {
  const text = html(3, found)
  expect(hrefs(text)).toEqual(['/findings/a', '/findings/b'])
  expect(text).toContain('3 open findings')
  expect(text).toContain('A key was ⟨U+202E⟩used')
  expect(text).toContain('1 more')
  expect(html(1, found.slice(0, 1))).not.toContain('more')
})

it('where no name is known the number leads to the list of all', () => {
  expect(hrefs(html(2, undefined))).toEqual(['/incidents?dataset=demo#findings'])
  expect(html(0, undefined)).toBe('')
})
