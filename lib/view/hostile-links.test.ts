import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConnectView } from './connect-view'
import { parseFlowFilter, putFlowFilter } from './flow-filter'
import { parseGraphView, serializeGraphView, toGraphQuery } from './graph-view'
import { addMatrixView, parseMatrixView } from './matrix-view'
import { addPoliciesView, parsePoliciesView } from './policies-view'

const NAMES =
  'from to tz timezone dataset cluster ns scope state q layout sel level in open problems quiet f both find hide focus cap panel dock at against v pod reason port method status outcome kind only sort policy provider cell row way address hop'.split(
    ' ',
  )
const odd = fc.constantFrom(
  ...['%', '%zz', '%ED%A0%80', '%00', '\0', '😀', '\u202e', '\u200b', '__proto__', 'constructor', ',', '/', '!', '~'],
  ...['src.namespace=', 'any.text=%00', 'edge:', 'now-1d/d', 'now-', '1'.repeat(40), ' ', '"', '(', '<script>'],
)
const pieces = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }))
const values = fc.oneof(
  fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
  // So that a limit cuts through what stands at it.
  fc
    .tuple(fc.constantFrom(39, 63, 64, 127, 128, 252, 253, 299, 499, 500, 1499, 2047), odd)
    .map(([length, end]) => 'a'.repeat(length) + end),
)
const links = fc.array(fc.tuple(fc.constantFrom(...NAMES), values), { maxLength: 8 }).map((pairs) => {
  const params = new URLSearchParams()
  for (const [name, value] of pairs) params.append(name, value)
  return params
})
const again = (params: URLSearchParams): URLSearchParams => new URLSearchParams(params.toString())

describe('a link that somebody made to break a page', () => {
  it('is a view of the graph, that view is a link, and the link is that view again', () => {
    fc.assert(
      fc.property(links, (link) => {
        const view = parseGraphView(link)
        expect(parseGraphView(again(serializeGraphView(view)))).toEqual(view)
        const { fromMs = 0, toMs = 1, windowMs } = toGraphQuery(view, 1_795_416_200_000)
        expect([fromMs, toMs, windowMs].every(Number.isFinite)).toBe(true)
        expect(fromMs).toBeLessThan(toMs)
        expect(windowMs).toBeGreaterThan(0)
      }),
      { numRuns: 1500 },
    )
  })

  it('of the other pages likewise', () => {
    fc.assert(
      fc.property(links, (link) => {
        const filter = parseFlowFilter(link)
        expect(parseFlowFilter(again(putFlowFilter(new URLSearchParams(), filter)))).toEqual(filter)
        const matrix = parseMatrixView(link)
        expect(parseMatrixView(again(addMatrixView(new URLSearchParams(), matrix)))).toEqual(matrix)
        const policies = parsePoliciesView(link)
        expect(parsePoliciesView(again(addPoliciesView(new URLSearchParams(), policies)))).toEqual(policies)
        parseConnectView(link)
      }),
      { numRuns: 1000 },
    )
  })

  it('asks the server for nothing with a NUL in it, which the database would refuse', () => {
    fc.assert(
      fc.property(links, (link) => {
        const { chips = [], ...query } = toGraphQuery(parseGraphView(link), 1_795_416_200_000)
        const asked = [query, parseFlowFilter(link), parseMatrixView(link), parsePoliciesView(link)]
        expect(JSON.stringify(asked)).not.toContain('\\u0000')
        expect(chips.every(({ values }) => values.length > 0)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
