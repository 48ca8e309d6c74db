import 'server-only'
import type { Migration } from './migration-files'
import { type SqlStatement, splitSql } from './split-sql'

export interface LintFinding {
  readonly migration: string
  readonly line: number
  /** `*` where the statement does not tell. */
  readonly table: string
  readonly problem: string
  /** Why it may block all the same: from a line `-- postern: blocks TABLE because REASON` of the file. */
  readonly waiver?: string
}

/** Tables of which no installation has more rows than a moment's work. Every other one grows. */
const SMALL = new Set(
  'dataset egress_entry incident share_link api_token session collector inventory_sync _prisma_migrations'.split(' '),
)

const NAME = '("[^"]+"|[a-z_]\\w*)'
const TABLE = `(?:(?:"public"|public)\\.)?${NAME}`
const WAIVER = /^-- postern: blocks (\*|\w+) because (\S.*)$/gm
const OUTSIDE_HINT = 'in a migration outside a transaction'

/** Statements at large; the first group names the table. */
const STATEMENTS: readonly (readonly [RegExp, string])[] = rules([
  [
    `CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(?:(?!ON )\\S+ )?ON (?!ONLY )${TABLE}`,
    `stops writes while it builds the index: CREATE INDEX CONCURRENTLY IF NOT EXISTS, ${OUTSIDE_HINT}`,
  ],
  [
    `(?:UPDATE|DELETE FROM) (?:ONLY )?${TABLE}`,
    'changes rows of a table that grows in one transaction: leave them to a worker, in small parts, or read them as they are',
  ],
  [
    `INSERT INTO .*\\bFROM (?:ONLY )?${TABLE}`,
    'reads a table that grows while the locks of this migration are held: a worker can do it, in small parts',
  ],
  [`LOCK (?:TABLE )?(?:ONLY )?${TABLE}`, 'keeps a lock until the migration ends'],
  [
    `CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .* ON ${TABLE}`,
    'fires for every row that ingest writes, of the version before too',
  ],
  [`CLUSTER ${TABLE}`, 'rewrites the table'],
  [`REINDEX (?!.*CONCURRENTLY)\\w+ ${TABLE}`, 'stops writes while it builds the index'],
  [`REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)${TABLE}`, 'stops readers while it computes'],
])
/** Statements that do not say what they touch. */
const OPAQUE: readonly (readonly [RegExp, string])[] = rules([
  ['DO\\b', 'a DO block: what it locks cannot be told'],
  ['(?:SELECT|WITH|CALL)\\b', 'a query: what its functions lock cannot be told'],
  [
    'SET (?:LOCAL |SESSION )?"?(?:lock|statement|idle_in_transaction_session)_timeout',
    'changes the limits that the runner sets',
  ],
])
/** Actions of ALTER TABLE. */
const ACTIONS: readonly (readonly [RegExp, string])[] = rules([
  [`ALTER (?:COLUMN )?${NAME} (?:SET DATA )?TYPE\\b`, 'rewrites the table: add a column, and let a worker fill it'],
  [
    `ADD CONSTRAINT ${NAME} (?:PRIMARY KEY|UNIQUE)\\b(?! USING INDEX)(?!.* USING INDEX)`,
    `stops everything while it builds the index: build it CONCURRENTLY ${OUTSIDE_HINT}, then ADD CONSTRAINT … USING INDEX`,
  ],
  [
    `ADD (?:CONSTRAINT ${NAME} )?(?:CHECK|FOREIGN KEY)\\b(?!.* NOT VALID$)`,
    `reads the whole table under its lock: ADD … NOT VALID here, VALIDATE CONSTRAINT ${OUTSIDE_HINT}`,
  ],
  [`ADD (?:PRIMARY KEY|UNIQUE|CONSTRAINT ${NAME} EXCLUDE|EXCLUDE)\\b`, 'stops everything while it builds the index'],
  ['VALIDATE CONSTRAINT', `reads the whole table under the locks of this migration: put it ${OUTSIDE_HINT}`],
  ['SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)\\b', 'rewrites the table'],
  [`ATTACH PARTITION ${TABLE}`, 'reads the whole partition: give it a valid CHECK of the same bounds before'],
])
const ADD_COLUMN = new RegExp(
  `^ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!CONSTRAINT\\b|CHECK\\b|FOREIGN\\b|PRIMARY\\b|UNIQUE\\b|EXCLUDE\\b)${NAME} (.*)$`,
  'i',
)
/** Worked out once, not per row: such a column is added without touching rows. */
const STABLE_CALLS = /\b(?:now|transaction_timestamp|statement_timestamp)\(\)/gi
const SET_NOT_NULL = new RegExp(`^ALTER (?:COLUMN )?${NAME} SET NOT NULL`, 'i')
const NOT_NULL_CHECK = new RegExp(`^ADD CONSTRAINT ${NAME} CHECK ?\\( ?${NAME} IS NOT NULL ?\\)`, 'i')

function rules(list: readonly (readonly [string, string])[]): readonly (readonly [RegExp, string])[] {
  return list.map(([form, problem]) => [new RegExp(`^${form}`, 'i'), problem] as const)
}

/**
 * What in migrations, given from the first on, would stop ingest for longer than a moment on a table that was there before
 * and grows. Looks at words, not at meaning: it asks for a reason, and takes one.
 */
export function lintMigrations(migrations: readonly Migration[]): LintFinding[] {
  const notNull = new NotNullChecks()
  return migrations.flatMap((migration) => lintOne(migration, notNull))
}

function lintOne({ name, sql, statements }: Migration, notNull: NotNullChecks): LintFinding[] {
  const split = statements ?? splitSql(sql)
  const waivers = new Map([...sql.matchAll(WAIVER)].map(([, table = '', reason = '']) => [table, reason]))
  const made = new Set(split.flatMap(({ words }) => createdTable(words)))
  const used = new Set<string>()
  const findings = split.flatMap((statement) => {
    const found = statements ? [] : lintStatement(statement, notNull)
    notNull.learn(statement.words)
    return found
      .filter(({ table }) => !made.has(table) && !SMALL.has(table))
      .map(({ table, problem }): LintFinding => {
        const waiver = waivers.get(table)
        if (waiver !== undefined) used.add(table)
        return { migration: name, line: statement.line, table, problem, ...(waiver !== undefined && { waiver }) }
      })
  })
  const idle = [...waivers.keys()].filter((table) => !used.has(table))
  return [
    ...findings,
    ...idle.map((table) => ({ migration: name, line: 1, table, problem: 'is said to be blocked, and is not' })),
  ]
}

type Found = Pick<LintFinding, 'table' | 'problem'>

function lintStatement({ words }: SqlStatement, notNull: NotNullChecks): Found[] {
  const altered = alteredTable(words)
  if (altered) return altered.actions.flatMap((action) => lintAction(altered.table, action, notNull))
  for (const [form, problem] of STATEMENTS) {
    const match = form.exec(words)
    if (match) return [{ table: bare(match[1] ?? '*'), problem }]
  }
  const opaque = OPAQUE.find(([form]) => form.test(words))
  return opaque ? [{ table: '*', problem: opaque[1] }] : []
}

function lintAction(table: string, action: string, notNull: NotNullChecks): Found[] {
  const [, column] = SET_NOT_NULL.exec(action) ?? []
  if (column !== undefined)
    return notNull.isValid(table, bare(column))
      ? []
      : [
          {
            table,
            problem: `reads the whole table under its lock: before it, a CHECK (… IS NOT NULL) NOT VALID, validated ${OUTSIDE_HINT}`,
          },
        ]
  const [, , definition] = ADD_COLUMN.exec(action) ?? []
  if (definition !== undefined) return lintColumn(table, definition)
  const rule = ACTIONS.find(([form]) => form.test(action))
  return rule ? [{ table, problem: rule[1] }] : []
}

function lintColumn(table: string, definition: string): Found[] {
  if (/\b(?:small|big)?serial\b|\bGENERATED\b/i.test(definition))
    return [{ table, problem: 'rewrites the table to fill the column' }]
  if (/\b(?:PRIMARY KEY|UNIQUE|REFERENCES|CHECK)\b/i.test(definition))
    return [{ table, problem: 'adds a constraint with the column, which reads the whole table: add it by itself' }]
  const [, value = ''] = /\bDEFAULT (.*)$/i.exec(definition) ?? []
  return /\w ?\(/.test(value.replace(STABLE_CALLS, ''))
    ? [{ table, problem: 'has a default that may differ per row, which rewrites the table' }]
    : []
}

function alteredTable(words: string): { table: string; actions: readonly string[] } | undefined {
  const match = new RegExp(`^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?${TABLE} (.*)$`, 'i').exec(words)
  return match ? { table: bare(match[1] ?? ''), actions: splitActions(match[2] ?? '') } : undefined
}

/** At the commas that stand in no parentheses. */
function splitActions(text: string): string[] {
  const actions = ['']
  let depth = 0
  for (const letter of text) {
    if (letter === '(') depth += 1
    else if (letter === ')') depth -= 1
    if (letter === ',' && depth === 0) actions.push('')
    else actions[actions.length - 1] += letter
  }
  return actions.map((action) => action.trim())
}

function createdTable(words: string): string[] {
  const [, table] = new RegExp(`^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?${TABLE}`, 'i').exec(words) ?? []
  return table === undefined ? [] : [bare(table)]
}

const bare = (name: string): string => name.replaceAll('"', '')

/** Columns of which a validated constraint says that they are never NULL, as far as migrations tell. */
class NotNullChecks {
  private readonly columns = new Map<string, string>()
  private readonly valid = new Set<string>()

  learn(words: string): void {
    const altered = alteredTable(words)
    for (const action of altered?.actions ?? []) {
      const [, constraint, column] = NOT_NULL_CHECK.exec(action) ?? []
      if (constraint !== undefined && column !== undefined)
        this.columns.set(`${altered?.table}.${bare(constraint)}`, bare(column))
      const [, validated] = new RegExp(`^VALIDATE CONSTRAINT ${NAME}`, 'i').exec(action) ?? []
      const known = validated === undefined ? undefined : this.columns.get(`${altered?.table}.${bare(validated)}`)
      if (known !== undefined) this.valid.add(`${altered?.table}.${known}`)
    }
  }

  isValid(table: string, column: string): boolean {
    return this.valid.has(`${table}.${column}`)
  }
}
