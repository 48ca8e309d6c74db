import { spawn } from 'node:child_process'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { accountFor, PLAIN_ENVIRONMENT } from './postgres-account'
import { findPostgresBinaries } from './postgres-binaries'

/**
 * Makes a new PostgreSQL cluster at `cluster`, inside `dataDir`. It is made beside and then renamed, so that a start that is
 * killed meanwhile leaves nothing half done.
 */
export async function initialiseCluster(dataDir: string, cluster: string, isDisposable: boolean): Promise<void> {
  const { bin } = findPostgresBinaries()
  const draft = `${cluster}.new`
  rmSync(draft, { recursive: true, force: true })
  const account = accountFor(bin, dataDir, draft)
  const words = [
    ...account.prefix,
    path.join(bin, 'initdb'),
    ...['--pgdata', draft, '--username', 'postgres', '--auth', 'trust', '--no-instructions'],
    // Byte order sorts alike on every machine; checksums tell a broken disk from a bug.
    ...['--locale', 'C', '--encoding', 'UTF8', '--data-checksums'],
    ...(isDisposable ? ['--no-sync'] : []),
  ]
  const { code, output } = await run(words, account.identity)
  if (code !== 0) throw new Error(`PostgreSQL could not make its data folder ${cluster}:\n${output}`)
  renameSync(draft, cluster)
}

/** Throws where the cluster was made by another major version, which PostgreSQL cannot open. */
export function demandSameMajor(cluster: string, major: number): void {
  const made = Number(readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim())
  if (made !== major)
    throw new Error(
      `The data in ${cluster} was made by PostgreSQL ${made}; this version of Postern brings ${major}.\n` +
        `Go back to the Postern that made it, or move that folder away to start empty.`,
    )
}

function run(
  words: readonly string[],
  identity: { readonly uid?: number; readonly gid?: number },
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const [program = '', ...args] = words
    const child = spawn(program, args, {
      ...identity,
      env: PLAIN_ENVIRONMENT,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-4000)
      })
    child.once('error', (error) => resolve({ code: 1, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
