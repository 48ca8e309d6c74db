import { GRAPH_LEVELS } from '@/lib/model/graph'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'

/** Something that the palette can do without asking the server. */
export interface Command {
  readonly id: string
  readonly group: 'Pages' | 'Graph' | 'Time range' | 'This page'
  readonly label: string
  /** Other words by which it is found. */
  readonly words?: string
  readonly does: { readonly what: 'open'; readonly href: string } | { readonly what: 'copy-link' | 'theme' | 'help' }
}

const PAGES = [
  ['/graph', 'Graph', 'service map'],
  ['/flows', 'Flows', 'records export'],
  ['/egress', 'Egress', 'doors rules matrix'],
  ['/incidents', 'Incidents', 'findings'],
  ['/policies', 'Policies', 'network policy staged never hit'],
  ['/providers', 'Providers', 'ai catalogue'],
  ['/sources', 'Sources', 'connect health'],
  ['/connect', 'Connect my cluster', 'sources commands token'],
  ['/datasets', 'Datasets', 'pinned import'],
  ['/settings', 'Settings', 'tokens notifications'],
  ['/settings/audit', 'Audit log', 'who changed'],
] as const

/** Pages that show a window: the time range, dataset and cluster go with the way to them. */
const WITH_WINDOW: readonly string[] = ['/graph', '/flows', '/egress', '/policies']

const RANGES = [
  ['now-5m', 'Last 5 min'],
  ['now-15m', 'Last 15 min'],
  ['now-1h', 'Last 1 h'],
  ['now-6h', 'Last 6 h'],
  ['now-24h', 'Last 24 h'],
  ['now-7d', 'Last 7 d'],
  ['now-30d', 'Last 30 d'],
] as const

/** The commands of a page, as its address is: `view` is what the address says of window and graph. */
export function commandsOf(pathname: string, search: string, view: GraphView, window: GraphView): Command[] {
  const graph = (id: string, label: string, part: Partial<GraphView>, words?: string): Command => ({
    id: `graph:${id}`,
    group: 'Graph',
    label,
    ...(words && { words }),
    does: {
      what: 'open',
      href: hrefOf('/graph', serializeGraphView({ ...(pathname === '/graph' ? view : window), ...part })),
    },
  })
  return [
    ...PAGES.map(
      ([path, label, words]): Command => ({
        id: path,
        group: 'Pages',
        label,
        words,
        does: { what: 'open', href: WITH_WINDOW.includes(path) ? hrefOf(path, serializeGraphView(window)) : path },
      }),
    ),
    graph(
      'problems',
      view.isOnlyProblems ? 'Show everything, not only problems' : 'Only what needs a person',
      { isOnlyProblems: !view.isOnlyProblems },
      'problems denied violations',
    ),
    graph(
      'layout',
      view.layout === 'table' ? 'Show the graph drawn' : 'Show the graph as a table',
      { layout: view.layout === 'table' ? 'graph' : 'table' },
      'view',
    ),
    graph(
      'scope',
      view.scope === 'ai' ? 'Show all traffic' : 'Show AI traffic only',
      { scope: view.scope === 'ai' ? 'all' : 'ai' },
      'scope lens',
    ),
    ...GRAPH_LEVELS.map((level) => graph(`level:${level}`, `One node per ${level}`, { level }, 'level scope ladder')),
    graph('level:', 'Let the server choose the level', { level: '' }, 'level automatic'),
    ...(WITH_WINDOW.includes(pathname) ? RANGES : []).map(([from, label]): Command => {
      const params = new URLSearchParams(search)
      params.set('from', from)
      params.delete('to')
      return {
        id: from,
        group: 'Time range',
        label,
        words: 'time window',
        does: { what: 'open', href: hrefOf(pathname, params) },
      }
    }),
    {
      id: 'copy',
      group: 'This page',
      label: 'Copy the link to this view',
      words: 'share url',
      does: { what: 'copy-link' },
    },
    {
      id: 'theme',
      group: 'This page',
      label: 'Switch between dark and light',
      words: 'theme colours',
      does: { what: 'theme' },
    },
    { id: 'help', group: 'This page', label: 'Keyboard shortcuts', words: 'keys help', does: { what: 'help' } },
  ]
}

const hrefOf = (path: string, params: URLSearchParams): string => (params.size > 0 ? `${path}?${params}` : path)

/** Commands whose label or words hold every word of a text; all of them for none. */
export function matchingCommands(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter(({ label, words: others = '', group }) => {
    const all = `${label} ${others} ${group}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
}
