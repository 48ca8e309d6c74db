import { describe, expect, it } from 'vitest'
import { parseGraphView, windowOnly } from '@/lib/view/graph-view'
import { commandsOf, matchingCommands } from './commands'

const of = (pathname: string, search = '') => {
  const view = parseGraphView(new URLSearchParams(search))
  return commandsOf(pathname, search, view, windowOnly(view))
}
const hrefOf = (commands: ReturnType<typeof of>, id: string): string => {
  const does = commands.find((one) => one.id === id)?.does
  return does?.what === 'open' ? does.href : ''
}

describe('commands of the palette', () => {
  it('have ids of their own', () => {
    const ids = of('/graph').map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('take window, dataset and cluster along to pages that show a window, and nothing to others', () => {
    const commands = of('/policies', 'from=now-6h&dataset=demo&cluster=c&only=never&q=x')
    expect(hrefOf(commands, '/egress')).toBe('/egress?from=now-6h&dataset=demo&cluster=c&v=2')
    expect(hrefOf(commands, '/flows')).toBe('/flows?from=now-6h&dataset=demo&cluster=c&v=2')
    expect(hrefOf(commands, '/settings')).toBe('/settings')
  })

  it('of the graph change one thing and leave the rest of the view', () => {
    const commands = of('/graph', 'ns=ml&layout=table&from=now-6h')
    const view = (id: string) => parseGraphView(new URLSearchParams(hrefOf(commands, id).split('?')[1]))
    expect(view('graph:problems')).toMatchObject({
      isOnlyProblems: true,
      namespaces: ['ml'],
      layout: 'table',
      from: 'now-6h',
    })
    expect(view('graph:layout')).toMatchObject({ layout: 'graph', namespaces: ['ml'] })
    expect(view('graph:level:namespace')).toMatchObject({ level: 'namespace', namespaces: ['ml'] })
  })

  it('of another page open the graph of the same window without that page’s own filters', () => {
    const href = hrefOf(of('/policies', 'from=now-6h&ns=ml&q=x'), 'graph:problems')
    expect(parseGraphView(new URLSearchParams(href.split('?')[1]))).toMatchObject({
      from: 'now-6h',
      isOnlyProblems: true,
      namespaces: [],
      chips: [],
    })
  })

  it('a time range changes the window of the page and nothing else of its address', () => {
    const href = hrefOf(of('/policies', 'from=1&to=2&only=never'), 'now-24h')
    expect(Object.fromEntries(new URLSearchParams(href.split('?')[1]))).toEqual({ from: 'now-24h', only: 'never' })
    expect(of('/settings').some(({ group }) => group === 'Time range')).toBe(false)
  })

  it('are found by every word of label, group or other words, in any order', () => {
    const labels = (text: string) => matchingCommands(of('/graph'), text).map(({ label }) => label)
    expect(labels('hour drawn')).toEqual([])
    expect(labels('NEVER policy')).toEqual(['Policies'])
    expect(labels('last 24')).toEqual(['Last 24 h'])
    expect(labels('  ')).toHaveLength(of('/graph').length)
  })
})
