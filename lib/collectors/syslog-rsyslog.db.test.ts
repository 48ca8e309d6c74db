import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { flowLine, makeCertificates, startSyslog } from './__fixtures__/syslog-rig'

const LINES = 3000
const hasProgram = (name: string, argument: string) => !spawnSync(name, [argument]).error
const hasRsyslog = hasProgram('rsyslogd', '-v')
const libraries = '/usr/lib'
const hasTls =
  hasRsyslog &&
  hasProgram('openssl', 'version') &&
  readdirSync(libraries).some((dir) => existsSync(path.join(libraries, dir, 'rsyslog/lmnsd_gtls.so')))

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

/** rsyslog as Debian ships it: reads a file line by line and forwards each line as a message. */
function startRsyslog(work: string, port: number, action: string, globals = ''): ChildProcess {
  const config = path.join(work, 'rsyslog.conf')
  writeFileSync(
    config,
    `global(workDirectory="${work}" maxMessageSize="256k" ${globals})
module(load="imfile")
input(type="imfile" File="${work}/flows.log" Tag="tigera_secure:" addMetadata="off")
*.* action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" ${action})
`,
  )
  return spawn('rsyslogd', ['-n', '-C', '-f', config, '-i', path.join(work, 'pid')], { stdio: 'ignore' })
}

async function forwarded(cluster: string, action: string, isTls = false): Promise<void> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-rsyslog-'))
  const files = isTls ? makeCertificates() : undefined
  const syslog = await startSyslog(cluster, files && { ca: files.ca, cert: files.cert, key: files.key })
  const lines = Array.from({ length: LINES }, (_, n) => flowLine(cluster, n))
  writeFileSync(path.join(work, 'flows.log'), `${lines.join('\n')}\n`)
  const globals =
    files &&
    `defaultNetstreamDriverCAFile="${files.ca}" defaultNetstreamDriverCertFile="${files.clientCert}" defaultNetstreamDriverKeyFile="${files.clientKey}"`
  const rsyslog = startRsyslog(work, syslog.port, action, globals)
  try {
    const accepted = async () =>
      Number(
        (
          await query<{ sum: string | null }>('SELECT sum(accepted) FROM source_minute WHERE cluster = $1', [cluster])
        )[0]?.sum,
      )
    await expect.poll(accepted, { timeout: 25_000, interval: 50 }).toBe(LINES)
    expect(await query('SELECT reason FROM source_reject WHERE cluster = $1', [cluster])).toEqual([])
  } finally {
    rsyslog.kill('SIGTERM')
    if (rsyslog.exitCode === null) await once(rsyslog, 'exit')
    await syslog.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

describe.skipIf(!hasRsyslog)(`rsyslog${hasRsyslog ? '' : ' (not on this machine: apt-get install rsyslog)'}`, () => {
  it('forwards octet-counted RFC 5424', () =>
    forwarded('octets', 'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'))

  it('forwards by its defaults: the older header, a line each', () =>
    forwarded('defaults', 'template="RSYSLOG_TraditionalForwardFormat"'))

  it.skipIf(!hasTls)('forwards over TLS with its own certificate', () =>
    forwarded(
      'secure',
      'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"',
      true,
    ),
  )
})
