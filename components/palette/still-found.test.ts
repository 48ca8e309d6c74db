import { expect, it } from 'vitest'
import type { SearchResult } from '@/lib/model/search-result'
import { stillFound } from './still-found'

it('an earlier answer keeps what the text of now finds, and nothing else', () => {
  const before: SearchResult = {
    endpoints: [
      { id: '1', class: 'workload', cluster: 'c', label: 'agents / planner' },
      { id: '2', class: 'workload', cluster: 'c', label: 'agents / plan-b' },
    ],
    providers: [{ id: 'openai', name: 'OpenAI' }],
    findings: [{ id: 'f', title: 'agents/planner left by another address', status: 'open' }],
    isPartial: false,
  }
  const now = stillFound(before, 'Agents/PLANNER')
  expect(now.endpoints.map(({ id }) => id)).toEqual(['1'])
  expect(now.findings.map(({ id }) => id)).toEqual(['f'])
  expect(now.providers).toEqual([])
  expect(stillFound(before, 'keyboard shortcuts')).toEqual({
    endpoints: [],
    providers: [],
    findings: [],
    isPartial: false,
  })
})
