import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ALL_FLOWS } from '@/lib/model/flow-list'
import {
  flowCursorText,
  flowParams,
  OBSERVERS,
  OUTCOMES,
  PENDING,
  parseFlowFilter,
  putFlowFilter,
  readFlowCursor,
} from './flow-filter'
import { DEFAULT_VIEW, parseGraphView } from './graph-view'

const word = fc.stringMatching(/^[A-Z_, ]{1,20}$/)
const filters = fc.record({
  outcomes: fc.subarray([...OUTCOMES]),
  pending: fc.subarray([...PENDING]),
  observers: fc.subarray([...OBSERVERS]),
  reasons: fc.uniqueArray(word, { maxLength: 5 }),
  ports: fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { maxLength: 5 }),
  pod: fc.stringMatching(/^[a-z0-9.-]{0,20}$/),
  methods: fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,7}$/), { maxLength: 3 }),
  statuses: fc.uniqueArray(fc.constantFrom('404', '5xx', '200'), { maxLength: 3 }),
})

it('a filter survives the address, beside the parameters of the view', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      const params = new URLSearchParams(flowParams({ ...DEFAULT_VIEW, scope: 'all', dataset: 'demo' }, filter))
      expect(parseFlowFilter(new URLSearchParams(params.toString()))).toEqual(filter)
      expect(parseGraphView(params)).toMatchObject({ scope: 'all', dataset: 'demo' })
    }),
  )
})

it('what is broken in an address falls away', () => {
  expect(
    parseFlowFilter(new URLSearchParams('outcome=maybe&pending=would&port=x,99999999&status=9xx,abc&method=G%20T')),
  ).toEqual(ALL_FLOWS)
  expect(putFlowFilter(new URLSearchParams(), ALL_FLOWS).toString()).toBe('')
})

it('a cursor reads back as it was, and nothing else is one', () => {
  const cursor = {
    after: { startNs: '1764000000000000001', recordKey: '-9223372036854775808' },
    window: { fromMs: 1, toMs: 2 },
  }
  expect(readFlowCursor(flowCursorText(cursor))).toEqual(cursor)
  for (const text of ['', '1_2_3', '1_9999999999999999999_1_2', '1_2_5_4', "1_2_1_2'", '1.5_2_1_2'])
    expect(readFlowCursor(text)).toBeUndefined()
})
