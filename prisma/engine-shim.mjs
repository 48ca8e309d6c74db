#!/usr/bin/env node
// Stands in for Prisma's schema-engine binary, which would have to be downloaded: PRISMA_SCHEMA_ENGINE_BINARY names this
// file. It speaks the same protocol to the Prisma CLI (JSON-RPC lines on stdin and stdout, log lines on stderr) and lets
// the same engine do the work, as WebAssembly from npm over the pg driver. Only migrations use it, never the product.
// docs/decisions/0003-prisma-without-downloads.md says why.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as engineGlue from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

/** PostgreSQL's type "char" (one byte, in its catalogues) and bpchar, which the adapter can read. */
const OID_CHAR = 18
const OID_BPCHAR = 1042

/** Error codes that the CLI knows, by SQLSTATE; anything else is "cannot reach the server". */
const CLI_ERROR_CODES = { '3D000': 'P1003', '28P01': 'P1000' }
/** What the engine answers to a failed call: an application error of JSON-RPC. */
const RPC_FAILED = 4466

process.on('uncaughtException', (error) => {
  log('ERROR', globalThis.PRISMA_WASM_PANIC_REGISTRY?.message || error.stack)
  process.exit(1)
})

function readArguments(words) {
  const result = { datamodels: [], url: '', cliCommand: undefined, isVersion: false }
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (word === '--version') result.isVersion = true
    else if (word === 'cli') result.cliCommand = words[++at]
    else if (word === '--datasource') result.url = JSON.parse(words[++at]).url
    else if (['--datamodels', '--datamodel', '-d'].includes(word)) result.datamodels.push(words[++at])
    else if (word.startsWith('--')) at += 1
  }
  return result
}

function log(level, message, extra = {}) {
  const line = {
    timestamp: new Date().toISOString(),
    level,
    fields: { message, ...extra },
    target: 'schema_engine::logger',
  }
  process.stderr.write(`${JSON.stringify(line)}\n`)
}

// --- Questions that the CLI asks by arguments, before it talks to the engine ---------------------------------------

async function runCliCommand(command, url) {
  const { database } = connectionOf(url)
  const name = pg.escapeIdentifier(database)
  const commands = {
    'can-connect-to-database': { database, sql: 'SELECT 1' },
    'create-database': { database: 'postgres', sql: `CREATE DATABASE ${name}` },
    'drop-database': { database: 'postgres', sql: `DROP DATABASE ${name}` },
  }
  try {
    if (!commands[command]) throw new Error(`unknown command ${command}`)
    await runStatement({ ...connectionOf(url), database: commands[command].database }, commands[command].sql)
    log('INFO', 'Done')
  } catch (error) {
    log('ERROR', error.message, { is_panic: false, error_code: CLI_ERROR_CODES[error.code] ?? 'P1001' })
    process.exitCode = 1
  }
}

/** Parts of the URL for pg. They must be separate: given a whole URL, pg ignores a `database` beside it. */
function connectionOf(url) {
  const parsed = new URL(url)
  return {
    // The folder of a Unix socket comes as ?host=
    host: parsed.searchParams.get('host') ?? parsed.hostname,
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username) || undefined,
    password: decodeURIComponent(parsed.password) || undefined,
    database: decodeURIComponent(parsed.pathname.slice(1)),
  }
}

async function runStatement(connection, sql) {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

// --- The engine ------------------------------------------------------------------------------------------------------

async function loadEngine({ datamodels, url }) {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: '',
    get() {
      return this.message
    },
    set_message(reason) {
      this.message = `RuntimeError: ${reason}`
    },
  }
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const bytes = readFileSync(entry.replace(/schema_engine\.js$/, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engineGlue })
  engineGlue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  const files = datamodels.map((file) => [file, readFileSync(file, 'utf8')])
  const adapters = bindMigrationAwareSqlAdapterFactory(new MigrationAdapters(connectionOf(url)))
  const print = (message) => log('INFO', message)
  return engineGlue.SchemaEngine.new({ datamodels: files.length > 0 ? files : undefined }, print, adapters)
}

class MigrationAdapters extends PrismaPg {
  constructor(connection) {
    // One connection, kept open: the engine relies on session state such as its advisory lock.
    super({ ...connection, max: 1, idleTimeoutMillis: 0 })
  }

  async connect() {
    return suitForMigrations(await super.connect())
  }

  async connectToShadowDb() {
    const { max, idleTimeoutMillis, ...connection } = this.config
    const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
    await runStatement(connection, `CREATE DATABASE "${database}" TEMPLATE template0`)
    const adapter = suitForMigrations(await new PrismaPg({ ...this.config, database }).connect())
    const dispose = adapter.dispose.bind(adapter)
    adapter.dispose = async () => {
      await dispose()
      await runStatement(connection, `DROP DATABASE "${database}" WITH (FORCE)`)
    }
    return adapter
  }
}

/** The adapter is made for the client's queries; migrations read the catalogues and run whole scripts. */
function suitForMigrations(adapter) {
  const performIO = adapter.performIO.bind(adapter)
  const queryRaw = adapter.queryRaw.bind(adapter)
  let charColumns = []
  adapter.performIO = async (query) => {
    const result = await performIO(query)
    charColumns = []
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== OID_CHAR) continue
      field.dataTypeID = OID_BPCHAR
      charColumns.push(index)
    }
    return result
  }
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
  // The adapter's own splits at semicolons, which breaks functions and DO blocks.
  adapter.executeScript = async (script) => {
    await adapter.client.query(script).catch((error) => adapter.onError(error))
  }
  if (adapter.startTransaction) {
    const startTransaction = adapter.startTransaction.bind(adapter)
    adapter.startTransaction = async (level) => suitForMigrations(await startTransaction(level))
  }
  return adapter
}

// --- JSON-RPC with the CLI ---------------------------------------------------------------------------------------------

function serve(engine) {
  let queue = Promise.resolve()
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.trim() === '') return
    const request = JSON.parse(line)
    if (request.method !== undefined) queue = queue.then(() => answer(engine, request))
  })
  lines.on('close', () => queue.finally(() => process.exit(0)))
}

async function answer(engine, { id, method, params }) {
  try {
    const result = method === 'getDatabaseVersion' ? await engine.version() : await engine[method](params)
    send({ id, result: method === 'diff' ? printDiff(result) : (result ?? null) })
  } catch (error) {
    const message = error.cause ? `${error.message}\n${JSON.stringify(error.cause)}` : (error.message ?? String(error))
    const known = error.code ? { error_code: error.code, meta: error.meta } : {}
    send({ id, error: { code: RPC_FAILED, message, data: { is_panic: false, message, ...known } } })
  }
}

/** The binary prints a difference by calling the CLI back; the WebAssembly engine returns it. */
function printDiff({ exitCode, stdout }) {
  if (stdout) send({ id: 0, method: 'print', params: { content: stdout } })
  return { exitCode }
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

const options = readArguments(process.argv.slice(2))
if (options.isVersion) {
  process.stdout.write('schema-engine-cli wasm\n')
} else if (options.cliCommand) {
  await runCliCommand(options.cliCommand, options.url)
} else {
  serve(await loadEngine(options))
}
