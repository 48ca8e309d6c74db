import type { LoadEdge, LoadPod } from './flow-load-topology'

/** One record of a connection, before its time and uuid are known. */
export interface RecordShape {
  /** Milliseconds after the connection's first packet. */
  readonly afterMs: number
  /** The line from behind its uuid to the time of its envelope: pieces, since most are shared by thousands of lines. */
  readonly pieces: readonly Uint8Array[]
}

const EMITTER = '"emitter":{"name":"Hubble","version":"1.19.4+g3977f6a1"}'
const ETHERNET = '"ethernet":{"source":"1a:82:0b:a0:bd:95","destination":"c6:4e:da:5e:31:bb"}'
/** A piece of a line. Every character of one is ASCII. */
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const flagsOf = (names: readonly string[]): Uint8Array =>
  bytes(`,"flags":{${names.map((name) => `"${name}":true`).join(',')}}}},"source":`)
const SYN = flagsOf(['SYN'])
const SYN_ACK = flagsOf(['SYN', 'ACK'])
const FIN_ACK = flagsOf(['FIN', 'ACK'])
const FORWARDED = bytes(`",${EMITTER},"verdict":"FORWARDED",${ETHERNET},"IP":{"source":"`)
const DROPPED = bytes(`",${EMITTER},"verdict":"DROPPED","drop_reason":133,${ETHERNET},"IP":{"source":"`)
const DENIED = [
  bytes(
    '"event_type":{"type":5},"traffic_direction":"EGRESS","drop_reason_desc":"POLICY_DENIED","Summary":"TCP Flags: SYN"',
  ),
]
const DENIED_DROP = [
  bytes(
    '"event_type":{"type":1,"sub_type":133},"traffic_direction":"EGRESS","file":{"name":"bpf_lxc.c","line":2412},"drop_reason_desc":"POLICY_DENIED","Summary":"TCP Flags: SYN"',
  ),
]

/**
 * The records that Cilium's nodes export of one TCP connection (monitor aggregation medium): the policy verdict and the
 * traced packets with flags, of both directions, at the client's node, and at the server's where the server is inside. Of a
 * denied one the verdict and the drop.
 */
export function connectionRecords(
  edge: LoadEdge,
  client: LoadPod,
  server: LoadPod | undefined,
  clientPort: number,
  lastsMs: number,
): RecordShape[] {
  const talk = talkOf(edge, client, server, clientPort)
  if (edge.kind === 'denied')
    return [
      shape(talk, 'client', 'there', SYN, 0, DROPPED, DENIED),
      shape(talk, 'client', 'there', SYN, 0, DROPPED, DENIED_DROP),
    ]
  const out = server ? TO_OVERLAY : TO_STACK
  const records = [
    verdictRecord(talk, edge),
    shape(talk, 'client', 'there', SYN, 0, FORWARDED, out('NEW')),
    shape(talk, 'client', 'back', SYN_ACK, 1, FORWARDED, TO_ENDPOINT('REPLY')),
    shape(talk, 'client', 'there', FIN_ACK, lastsMs, FORWARDED, out('ESTABLISHED')),
    shape(talk, 'client', 'back', FIN_ACK, lastsMs + 1, FORWARDED, TO_ENDPOINT('REPLY')),
  ]
  if (!server) return records
  return [
    ...records,
    shape(talk, 'server', 'there', SYN, 0, FORWARDED, verdictTail('INGRESS', edge.ingressPolicy)),
    shape(talk, 'server', 'there', SYN, 0, FORWARDED, TO_ENDPOINT('NEW')),
    shape(talk, 'server', 'back', SYN_ACK, 1, FORWARDED, out('REPLY')),
    shape(talk, 'server', 'there', FIN_ACK, lastsMs, FORWARDED, TO_ENDPOINT('ESTABLISHED')),
    shape(talk, 'server', 'back', FIN_ACK, lastsMs + 1, FORWARDED, out('REPLY')),
  ]
}

/** The one record that a touch of an edge has: the verdict at the client. */
export function touchRecord(
  edge: LoadEdge,
  client: LoadPod,
  server: LoadPod | undefined,
  clientPort: number,
): RecordShape {
  const talk = talkOf(edge, client, server, clientPort)
  return edge.kind === 'denied' ? shape(talk, 'client', 'there', SYN, 0, DROPPED, DENIED) : verdictRecord(talk, edge)
}

const verdictRecord = (talk: Talk, edge: LoadEdge): RecordShape =>
  shape(talk, 'client', 'there', SYN, 0, FORWARDED, verdictTail('EGRESS', edge.egressPolicy))

function verdictTail(direction: 'EGRESS' | 'INGRESS', policy: Uint8Array | undefined): Uint8Array[] {
  const head = direction === 'EGRESS' ? EGRESS_VERDICT : INGRESS_VERDICT
  return policy ? [head, NAMED, policy] : [head, UNNAMED]
}
const EGRESS_VERDICT = bytes('"event_type":{"type":5},"traffic_direction":"EGRESS","policy_match_type":')
const INGRESS_VERDICT = bytes('"event_type":{"type":5},"traffic_direction":"INGRESS","policy_match_type":')
const NAMED = bytes('2,"is_reply":false,"Summary":"TCP Flags: SYN",')
const UNNAMED = bytes('4,"is_reply":false,"Summary":"TCP Flags: SYN"')

/** Direction is EGRESS on every trace event of that version (formats/hubble.md, 2.6). */
function traced(point: string, subType: number): (reason: keyof typeof REASONS) => readonly Uint8Array[] {
  const head = bytes(
    `"event_type":{"type":4${subType > 0 ? `,"sub_type":${subType}` : ''}},"traffic_direction":"EGRESS","trace_observation_point":"${point}","trace_reason":"`,
  )
  return (reason) => [head, REASONS[reason]]
}
const REASONS = {
  NEW: bytes('NEW","is_reply":false,"interface":{"index":15,"name":"eni3e06f27d75b"},"Summary":"TCP Flags: SYN"'),
  ESTABLISHED: bytes(
    'ESTABLISHED","is_reply":false,"interface":{"index":15,"name":"eni3e06f27d75b"},"Summary":"TCP Flags: ACK, FIN"',
  ),
  REPLY: bytes('REPLY","is_reply":true,"interface":{"index":15,"name":"eni3e06f27d75b"},"Summary":"TCP Flags: ACK"'),
}
const TO_ENDPOINT = traced('TO_ENDPOINT', 0)
const TO_OVERLAY = traced('TO_OVERLAY', 4)
const TO_STACK = traced('TO_STACK', 3)

const DESTINATION_IP = bytes('","destination":"')
const SOURCE_PORT = bytes('","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":')
const DESTINATION_PORT = bytes(',"destination_port":')
const DESTINATION = bytes(',"destination":')
const DESTINATION_NAMES = bytes('"destination_names":["')
const SOURCE_NAMES = bytes('"source_names":["')
const END_OF_NAMES = bytes('"],')
const NODE_NAME = bytes('},"node_name":"')
const TIME = bytes('","time":"')

const ports: Uint8Array[] = []
function portBytes(port: number): Uint8Array {
  ports[port] ??= bytes(String(port))
  return ports[port] ?? bytes(String(port))
}

interface Talk {
  readonly client: LoadPod
  readonly server: LoadPod | undefined
  readonly edge: LoadEdge
  readonly clientPort: number
  readonly serverIp: Uint8Array
}

const talkOf = (edge: LoadEdge, client: LoadPod, server: LoadPod | undefined, clientPort: number): Talk => ({
  client,
  server,
  edge,
  clientPort,
  serverIp: server?.ip ?? edge.hostIp,
})

function shape(
  talk: Talk,
  observer: 'client' | 'server',
  direction: 'there' | 'back',
  flags: Uint8Array,
  afterMs: number,
  verdict: Uint8Array,
  tail: readonly Uint8Array[],
): RecordShape {
  const { client, server, edge, clientPort, serverIp } = talk
  const node = observer === 'server' && server ? server.node : client.node
  const near = observer === 'client' ? client.local : client.remote
  const far = server ? (observer === 'server' ? server.local : server.remote) : edge.hostJson
  const isThere = direction === 'there'
  const [sourceIp, sourcePort, source] = isThere ? [client.ip, clientPort, near] : [serverIp, edge.port, far]
  const [destinationIp, destinationPort, destination] = isThere
    ? [serverIp, edge.port, far]
    : [client.ip, clientPort, near]
  return {
    afterMs,
    pieces: [
      verdict,
      sourceIp,
      DESTINATION_IP,
      destinationIp,
      SOURCE_PORT,
      portBytes(sourcePort),
      DESTINATION_PORT,
      portBytes(destinationPort),
      flags,
      source,
      DESTINATION,
      destination,
      node.json,
      ...(server ? [] : [isThere ? DESTINATION_NAMES : SOURCE_NAMES, edge.host, END_OF_NAMES]),
      ...tail,
      NODE_NAME,
      node.name,
      TIME,
    ],
  }
}
