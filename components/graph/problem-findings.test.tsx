import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { makeEdge } from '@/lib/graph/__fixtures__/graphs'
import { ProblemFindings } from './problem-findings'

const edge = (openFindings: number) => makeEdge('1', '2', '3', { openFindings })
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
