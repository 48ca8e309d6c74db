// The table "Who may import whom" of ARCHITECTURE.md. A unit is a folder right below `lib`, a file right below `lib`,
// `components/ui`, or one of the top folders. Files of one unit may always import each other.

/** Units without I/O, clock, randomness and React: what they need of those is a parameter. */
export const PURE_UNITS: readonly string[] = [
  'lib/model',
  'lib/sources',
  'lib/egress',
  'lib/findings',
  'lib/graph',
  'lib/view',
  'lib/demo',
]

/** Pure units that run in browsers too, where Node's modules do not exist. */
export const BROWSER_UNITS: readonly string[] = ['lib/model', 'lib/graph', 'lib/view']

/** Units whose every file starts with `import 'server-only'`, so that none can reach a browser. */
export const SERVER_ONLY_UNITS: readonly string[] = ['lib/env', 'lib/store', 'lib/usecases', 'lib/live', 'lib/http']

const BELOW_USECASES = [
  'lib/model',
  'lib/errors',
  'lib/process-global',
  'lib/observability',
  'lib/egress',
  'lib/graph',
  'lib/findings',
  'lib/sources',
  'lib/ingest',
  'lib/store',
  'lib/live',
  'lib/demo',
]
const OF_THE_LAUNCHER = [
  'lib/env',
  'lib/errors',
  'lib/observability',
  'lib/model',
  'lib/store',
  'lib/usecases',
  'lib/demo',
]

/** Units that each unit may import. A unit that is missing here may not exist. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/architecture': [],
  'lib/model': [],
  'lib/errors': [],
  'lib/process-global': [],
  'components/ui': [],
  'lib/env': ['lib/errors'],
  'lib/observability': ['lib/env', 'lib/process-global'],
  'lib/view': ['lib/model'],
  'lib/egress': ['lib/model'],
  'lib/graph': ['lib/model'],
  'lib/findings': ['lib/model', 'lib/egress'],
  'lib/sources': ['lib/model', 'lib/errors'],
  'lib/ingest': ['lib/model', 'lib/errors', 'lib/sources', 'lib/egress', 'lib/observability'],
  'lib/store': ['lib/model', 'lib/errors', 'lib/env', 'lib/observability', 'lib/process-global'],
  'lib/live': ['lib/model', 'lib/graph', 'lib/observability', 'lib/process-global'],
  'lib/demo': ['lib/model', 'lib/sources'],
  'lib/usecases': BELOW_USECASES,
  'lib/collectors': ['lib/model', 'lib/errors', 'lib/env', 'lib/observability', 'lib/sources', 'lib/usecases'],
  'lib/http': ['lib/model', 'lib/errors', 'lib/env', 'lib/observability', 'lib/usecases', 'lib/view'],
  'lib/server': OF_THE_LAUNCHER,
  'lib/cli': OF_THE_LAUNCHER,
  components: ['components/ui', 'lib/model', 'lib/graph', 'lib/view'],
  app: [
    'components',
    'components/ui',
    'lib/model',
    'lib/view',
    'lib/errors',
    'lib/env',
    'lib/observability',
    'lib/http',
    'lib/usecases',
  ],
  e2e: ['lib/demo', 'lib/model', 'lib/view'],
  prisma: ['lib/demo', 'lib/model', 'lib/view', 'lib/usecases', 'lib/env'],
  'instrumentation.ts': ['lib/collectors', 'lib/usecases', 'lib/env'],
  'proxy.ts': ['lib/env', 'lib/view'],
}

/** What tests and benchmarks may import beside their unit's row. */
export const TESTS_MAY_ALSO_IMPORT: readonly string[] = ['lib/demo', 'lib/model', 'lib/env', 'lib/errors']

/** npm packages with one home: no other unit may import them, but that database tests may look into tables with pg. */
export const PACKAGE_HOMES: readonly { readonly pattern: RegExp; readonly home: string }[] = [
  { pattern: /^(pg|pg-copy-streams|@prisma\/.*|\.prisma\/.*)$/, home: 'lib/store' },
  { pattern: /^(cytoscape.*|elkjs.*)$/, home: 'components/graph' },
]

/** Longer files, each with the lines it may have. Entries may shrink and go; none may be added. */
export const LONG_FILES: Readonly<Record<string, number>> = {}
