import 'server-only'
import pg from 'pg'
import { pool, type Queryable } from './client'

/** One statement, as it was sent. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface PlanLimits {
  /** Partitions of one table that the statement may read; those that pruning leaves unread do not count. */
  readonly maxPartitions?: number
  /** Tables, or partitions of tables, that may be read whole: queues and dictionaries that are small by nature. */
  readonly scanned?: readonly string[]
}

/**
 * For tests: throws, with the plan, unless the statement reaches every table by a condition on an index, and reads no more
 * partitions of a table than its window needs. The statement runs in a transaction that is rolled back, with scans made dear, so
 * that a small table's plan is that of a large one.
 */
export async function expectIndexed(
  text: string,
  values: readonly unknown[],
  { maxPartitions = 1, scanned = [] }: PlanLimits = {},
): Promise<void> {
  const reads = await readsOf({ text, values })
  const problems = reads.problems.filter(({ table }) => !scanned.includes(table)).map(({ problem }) => problem)
  for (const [table, partitions] of reads.partitions)
    if (partitions.size > maxPartitions)
      problems.push(`reads ${partitions.size} partitions of ${table}, more than ${maxPartitions}`)
  if (problems.length > 0) throw new Error(`${problems.join('; ')}\n${text}\n${reads.plan}`)
}

/**
 * For tests: the SELECTs, INSERTs, UPDATEs and DELETEs that `work` sends over any connection of this process, so that a test asks about
 * the very statements of a query file: `for (const sent of await statementsOf(() => load(…))) await expectIndexed(sent.text, sent.values)`.
 */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const sent: Statement[] = []
  const original = pg.Client.prototype.query
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args
    const { text, values } =
      typeof first === 'string'
        ? { text: first, values: second }
        : isStatement(first)
          ? first
          : { text: '', values: undefined }
    if (/^\s*(select|insert|update|delete|with)\b/i.test(text))
      sent.push({ text, values: Array.isArray(values) ? values : [] })
    return Reflect.apply(original, this, args)
  }
  try {
    await work()
  } finally {
    pg.Client.prototype.query = original
  }
  return sent
}

export const isStatement = (value: unknown): value is { text: string; values?: unknown } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'

/** A table, or an index of it, that was read whole; `index` is that of the parent, where it is a partition's. */
export interface Problem {
  readonly table: string
  readonly index?: string
  readonly problem: string
  /** True where it was a partition's index of a few pages. */
  readonly isShort?: boolean
}

/** What a statement read. */
export interface Reads {
  readonly plan: string
  readonly problems: readonly Problem[]
  /** Indexes of which all rows of a dataset were read, with no other condition and no LIMIT: right where a dataset is what is wanted. */
  readonly datasets: readonly Problem[]
  /** Partitions that were read, by parent. */
  readonly partitions: ReadonlyMap<string, ReadonlySet<string>>
}

async function readsOf({ text, values }: Statement): Promise<Reads> {
  const client = await pool().connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL enable_seqscan = off')
    const explained = await client.query<{ 'QUERY PLAN': unknown }>(explainOf(text), [...values])
    return judgePlan(explained.rows[0]?.['QUERY PLAN'], await loadCatalogue(client))
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

/** Runs a statement and answers its plan. */
export const explainOf = (text: string): string => `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`

/** What plans are judged by. */
export async function loadCatalogue(client: Queryable): Promise<Catalogue> {
  const { rows: parents } = await client.query<{ name: string; parent: string }>(
    'SELECT inhrelid::regclass::text AS name, inhparent::regclass::text AS parent FROM pg_inherits',
  )
  const { rows: indexes } = await client.query<{ name: string; first: string }>(
    'SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid, 1, true) AS first FROM pg_index',
  )
  return {
    parents: new Map(parents.map(({ name, parent }) => [name, parent])),
    firstColumns: new Map(indexes.map(({ name, first }) => [name, first])),
  }
}

export interface Catalogue {
  /** Parents of partitions, and of their indexes. */
  readonly parents: ReadonlyMap<string, string>
  /** First column, or expression, of each index. */
  readonly firstColumns: ReadonlyMap<string, string>
}

/** What a plan, as `explainOf` answers it, read. */
export function judgePlan(plan: unknown, { parents, firstColumns }: Catalogue): Reads {
  const problems: Problem[] = []
  const datasets: Problem[] = []
  const partitions = new Map<string, Set<string>>()
  const visit = (node: Node, outer: { readonly relation: string; readonly isLimited: boolean }) => {
    const relation = textOf(node, 'Relation Name') || outer.relation
    const type = textOf(node, 'Node Type')
    const isLimited = type === 'Limit' || (outer.isLimited && !READS_ALL.test(type))
    for (const child of childrenOf(node)) visit(child, { relation, isLimited })
    // A node that never ran was left out by pruning, or had nothing to be joined to.
    if (!/Scan$/.test(type) || relation === '' || (node['Actual Loops'] === 0 && parents.has(relation))) return
    const table = parents.get(relation) ?? relation
    if (parents.has(relation)) partitions.set(table, (partitions.get(table) ?? new Set()).add(relation))
    const name = textOf(node, 'Index Name')
    if (type === 'Seq Scan') problems.push({ table, problem: `reads all of ${relation}` })
    if (name === '') return
    const condition = bare(textOf(node, 'Index Cond'))
    const index = { table, index: parents.get(name) ?? name }
    // Rows in the order of the index, up to a LIMIT: nothing is read in vain.
    if (isLimited && !(Number(node['Rows Removed by Filter']) > 0)) return
    // A condition on later columns alone, too, walks the whole index.
    if (!condition.includes(bare(firstColumns.get(name) ?? name)))
      problems.push({
        ...index,
        problem: `reads all of the index ${name} of ${relation}`,
        isShort: parents.has(relation) && isShortWalk(node),
      })
    else if (OF_DATASET.test(condition))
      datasets.push({ ...index, problem: `reads all of a dataset in the index ${name} of ${relation}` })
  }
  for (const node of childrenOf(plan)) visit(node, { relation: '', isLimited: false })
  return { plan: JSON.stringify(plan, null, 1), problems, datasets, partitions }
}

/** Of a partition that is nearly empty the planner may walk an index rather than look into it: a few pages, by what the run read. */
const isShortWalk = (node: Node): boolean =>
  Number(node['Shared Hit Blocks']) + Number(node['Shared Read Blocks']) <= SHORT_WALK_PAGES
const SHORT_WALK_PAGES = 16

/** Nodes that read all that is below them before they answer a row. */
const READS_ALL = /Sort|Aggregate|Hash|Materialize|ModifyTable|Bitmap|Group|Window/
/** A condition, without brackets, on nothing but the dataset. */
const OF_DATASET = /^dataset(=|~~)('[^']*'(::\w+)?|\$\d+|[\w.]+)$/

/** Conditions and definitions of expressions differ in brackets. */
const bare = (text: string): string => text.replace(/[()\s]/g, '')

type Node = Readonly<Record<string, unknown>>

/** The nearest nodes of a plan below a value. */
const childrenOf = (value: unknown): Node[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.values(value).flatMap((item) => (isNode(item) && 'Node Type' in item ? [item] : childrenOf(item)))

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const textOf = (node: Node, key: string): string => {
  const value = node[key]
  return typeof value === 'string' ? value : ''
}
