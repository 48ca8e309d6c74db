import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { ClusterObject } from '../lib/demo/open-source-calico'

const ROOT = path.resolve(import.meta.dirname, '..')
const TLS = path.join(ROOT, 'lib/collectors/calico/__fixtures__/tls')
export const PODS = '/api/v1/pods'
export const REPLICA_SETS = '/apis/apps/v1/replicasets'
export const CALICO_POLICIES = '/apis/crd.projectcalico.org/v1/networkpolicies'

/** The API server and the Goldmane of a cluster, in a process of their own. */
export class CalicoServers {
  private constructor(
    private readonly child: ChildProcess,
    private readonly apiPort: number,
    private readonly goldmanePort: number,
  ) {}

  /** The API server serves these collections. */
  static async start(collections: readonly string[] = [PODS, REPLICA_SETS]): Promise<CalicoServers> {
    const script = 'lib/collectors/__fixtures__/calico-servers.ts'
    const child = spawn(process.execPath, ['--conditions=react-server', '--import', 'tsx', script, ...collections], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const { api, goldmane } = JSON.parse(line)
      return new CalicoServers(child, api, goldmane)
    }
    throw new Error('the servers of the cluster did not start')
  }

  put(collection: string, object: ClusterObject): void {
    this.say({ put: collection, object })
  }

  remove(collection: string, object: ClusterObject): void {
    this.say({ remove: collection, object })
  }

  /** A bucket of Goldmane ends. */
  rollOver(startS: number, flows: readonly object[]): void {
    this.say({ bucket: startS, flows })
  }

  private say(happening: object): void {
    this.child.stdin?.write(`${JSON.stringify(happening)}\n`)
  }

  get kubeconfig(): string {
    return `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "http://127.0.0.1:${this.apiPort}", insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { token: first-token } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`
  }

  /** The part of Postern's configuration that reads this cluster. */
  collectors(cluster: string, kubeconfigFile: string): string {
    const tls = { ca: 'ca.crt', cert: 'client.crt', key: 'client.key' }
    const files = Object.entries(tls).map(([key, file]) => `${key}: ${JSON.stringify(path.join(TLS, file))}`)
    return `${this.inventory(cluster, kubeconfigFile)}
  - kind: goldmane
    name: goldmane
    cluster: ${cluster}
    address: 127.0.0.1:${this.goldmanePort}
    tls: { ${files.join(', ')}, serverName: goldmane.calico-system.svc }
`
  }

  /** The same without Goldmane. */
  inventory(cluster: string, kubeconfigFile: string): string {
    return `collectors:
  - { kind: kubernetes, name: pods, cluster: ${cluster}, kubeconfig: ${JSON.stringify(kubeconfigFile)} }`
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await ended
  }
}
