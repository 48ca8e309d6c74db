import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { CollectorStatus } from '@/lib/model/collector'
import type { CollectorSettings } from '../collector-config'
import { syslogCollector } from '../syslog'

type SyslogSettings = Extract<CollectorSettings, { kind: 'syslog' }>

/** A listener under test, on a free port of 127.0.0.1. */
export interface RunningSyslog {
  readonly port: number
  readonly statuses: readonly CollectorStatus[]
  stop(): Promise<void>
}

/** Runs the real listener for records of this cluster; its clock is the machine's. */
export async function startSyslog(cluster: string, tls?: SyslogSettings['tls'], port = 0): Promise<RunningSyslog> {
  const ending = new AbortController()
  const statuses: CollectorStatus[] = []
  const settings: SyslogSettings = { kind: 'syslog', name: `syslog-${cluster}`, cluster, host: '127.0.0.1', port, tls }
  const collector = syslogCollector(settings, { defaultCluster: 'default', retentionMs: 3_600_000 })
  let running: Promise<void> = Promise.resolve()
  const address = await new Promise<string>((resolve, reject) => {
    const report = (status: CollectorStatus) => {
      statuses.push(status)
      if (status.address) resolve(status.address)
    }
    running = collector.run({ signal: ending.signal, report, now: () => Date.now() })
    running.catch(reject)
  })
  const stop = () => {
    ending.abort()
    return running
  }
  return { port: Number(address.split(':')[1]), statuses, stop }
}

/** A Hubble line that counts one connection. */
export const flowLine = (cluster: string, n: number): string =>
  JSON.stringify({
    flow: {
      time: new Date().toISOString(),
      uuid: `${cluster}-${n}`,
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 1024 + (n % 60_000), destination_port: 443, flags: { SYN: true } } },
      source: { namespace: 'agents', pod_name: 'planner-1', labels: ['k8s:app=planner'] },
      destination: { namespace: 'ml', pod_name: 'model-1', labels: ['k8s:app=model'] },
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      is_reply: false,
      node_name: 'n1',
      Type: 'L3_L4',
    },
  })

/** As Calico Enterprise's forwarder puts a record into RFC 5424. */
export const rfc5424 = (content: string): string =>
  `<134>1 ${new Date().toISOString()} worker-1 tigera_secure - - - ${content}`

export const octetCounted = (message: string): string => `${Buffer.byteLength(message)} ${message}`

/** A CA, a certificate of 127.0.0.1 and one for a sender, made by openssl; paths of their files. */
export function makeCertificates(): Record<'ca' | 'cert' | 'key' | 'clientCert' | 'clientKey', string> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'postern-tls-'))
  const file = (name: string) => path.join(dir, name)
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-subj', '/CN=test-ca', '-keyout', file('ca.key'), '-out', file('ca.crt'))
  const signed = (name: string, extension: string) =>
    openssl(
      ...['req', '-x509', ...key, '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-subj', `/CN=${name}`],
      ...['-addext', extension, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
    )
  signed('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  signed('client', 'extendedKeyUsage=clientAuth')
  return {
    ca: file('ca.crt'),
    cert: file('server.crt'),
    key: file('server.key'),
    clientCert: file('client.crt'),
    clientKey: file('client.key'),
  }
}

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
