import { type DemoConnection, FIRST_PORT } from './connections'

const NODE_IP: Readonly<Record<string, string>> = { 'node-a': '10.0.1.5', 'node-b': '10.0.1.6' }
/** Where the demo's connections leave: the sanctioned NAT gateway, and another one that nobody registered. */
const SANCTIONED_IP = '203.0.113.10'
const OTHER_IP = '203.0.113.66'

export interface HopLines {
  readonly hop: string
  readonly lines: readonly string[]
}

/**
 * conntrack event lines (`-E -o extended,timestamp,id`) of both hops for the connections that leave by a NAT with a log: the
 * node masquerades the pod, the gateway translates the node. A call without `door` leaves no line: nobody logs its path.
 */
export function conntrackLines(connections: readonly DemoConnection[]): HopLines[] {
  const node: string[] = []
  const gateway: string[] = []
  for (const { call, client, serverIp, clientPort, atMs } of connections) {
    if (!call.door) continue
    const nodeIp = NODE_IP[client.node] ?? ''
    const nodePort = FIRST_PORT - 20_000 + (clientPort - FIRST_PORT)
    const gatewayPort = 1024 + 2 * (clientPort - FIRST_PORT)
    const publicIp = call.door === 'sanctioned' ? SANCTIONED_IP : OTHER_IP
    node.push(newLine(atMs + 2, client.ip, clientPort, serverIp, call.port, nodeIp, nodePort))
    gateway.push(newLine(atMs + 3, nodeIp, nodePort, serverIp, call.port, publicIp, gatewayPort))
  }
  return [
    { hop: 'node', lines: node },
    { hop: 'nat-gw', lines: gateway },
  ].filter((item) => item.lines.length > 0)
}

function newLine(
  atMs: number,
  ip: string,
  port: number,
  server: string,
  serverPort: number,
  natIp: string,
  natPort: number,
): string {
  const time = `[${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}000]`
  const reply = `src=${server} dst=${natIp} sport=${serverPort} dport=${natPort}`
  return `${time}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${ip} dst=${server} sport=${port} dport=${serverPort} [UNREPLIED] ${reply} id=${natPort * 65_536 + port}`
}
