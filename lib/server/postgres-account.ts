import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'

/** How PostgreSQL's programs are run, since they refuse to run as root. */
export interface PostgresAccount {
  /** Words to put before the program. */
  readonly prefix: readonly string[]
  /** User and group to drop to; empty to stay who we are. */
  readonly identity: Identity
}

interface Identity {
  readonly uid?: number
  readonly gid?: number
}

const NOBODY = 65534

/** PostgreSQL's programs get no variable of ours: PGPORT and its like would change what they do. */
export const PLAIN_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  NODE_ENV: 'production',
}

/**
 * The account for a cluster in `dataDir`. An ordinary user runs as itself; root as the owner of the cluster, or where that
 * is root: inside a user namespace (files stay root's, private folders stay reachable), else as the owner of the folder
 * above, else as nobody, to whom the data is then given. Throws, with what to do, where none works.
 */
export function accountFor(bin: string, dataDir: string, cluster: string): PostgresAccount {
  const owner = statSync(cluster, { throwIfNoEntry: false })
  const self = process.getuid?.() ?? 0
  if (self !== 0) {
    if (owner && owner.uid !== self)
      throw new Error(`${cluster} belongs to user ${owner.uid}, not to you (${self}). Start Postern as that user.`)
    return { prefix: [], identity: {} }
  }
  if (process.platform !== 'linux') throw new Error('PostgreSQL refuses to run as root: start Postern as another user.')
  if (owner && owner.uid !== 0) return { prefix: [], identity: { uid: owner.uid, gid: owner.gid } }
  const account = rootsChoices(dataDir).find((choice) => works(choice, bin, dataDir))
  if (account) return account
  giveTo({ uid: 0, gid: 0 }, dataDir)
  throw new Error(
    `PostgreSQL refuses to run as root, this machine forbids user namespaces, and the user nobody cannot reach\n` +
      `${dataDir} or\n${bin}.\nStart Postern as an ordinary user, move it out of the private folder, or set DATABASE_URL.`,
  )
}

function rootsChoices(dataDir: string): PostgresAccount[] {
  const above = statSync(path.dirname(path.dirname(dataDir)))
  return [
    { prefix: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`], identity: {} },
    ...(above.uid === 0 ? [] : [{ prefix: [], identity: { uid: above.uid, gid: above.gid } }]),
    { prefix: [], identity: { uid: NOBODY, gid: NOBODY } },
  ]
}

function works({ prefix, identity }: PostgresAccount, bin: string, dataDir: string): boolean {
  if (identity.uid !== undefined) giveTo(identity, dataDir)
  return (
    runs([...prefix, path.join(bin, 'postgres'), '--version'], identity) &&
    runs([...prefix, 'test', '-w', dataDir], identity)
  )
}

function giveTo({ uid, gid }: Identity, folder: string): void {
  spawnSync('chown', ['-R', `${uid}:${gid}`, folder], { env: PLAIN_ENVIRONMENT })
}

function runs(words: readonly string[], identity: Identity): boolean {
  const [program = '', ...args] = words
  return spawnSync(program, args, { ...identity, env: PLAIN_ENVIRONMENT, stdio: 'ignore', cwd: '/' }).status === 0
}
