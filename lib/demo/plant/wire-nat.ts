import { AWS_WINDOW_S, intervalOf, watches } from './sightings'
import {
  type AuditWatcher,
  clusterOf,
  GATEWAYS,
  type NatWatcher,
  podOf,
  type Scenario,
  type TrueCall,
  type TrueHop,
} from './world'

export interface NatLine {
  readonly cluster: string
  readonly line: string
}

/** One translation, as the hop that made it knows it. */
export interface Translation {
  readonly atMs: number
  readonly from: { readonly ip: string; readonly port: number }
  readonly to: { readonly ip: string; readonly port: number }
  readonly server: { readonly ip: string; readonly port: number }
  readonly hasPorts: boolean
}

/** What a hop's log has of a scenario, in its own format. */
export function natLines(scenario: Scenario, watcher: NatWatcher, baseMs: number): NatLine[] {
  return scenario.calls.flatMap((call) => {
    const index = call.way.findIndex(({ hop }) => hop === watcher.hop)
    const hop = call.way[index]
    if (!hop || !watches(watcher, call)) return []
    const pod = podOf(scenario, call.pod)
    const before: Pick<TrueHop, 'ip' | 'port'> = call.way[index - 1] ?? { ip: pod.ip, port: call.clientPort }
    const translation = {
      atMs: Math.round(baseMs + (call.atS + (watcher.skewS ?? 0)) * 1000) + 2 * (index + 1),
      from: before,
      to: { ip: watcher.lies?.[call.id] ?? hop.ip, port: hop.port },
      server: { ip: call.serverIp, port: call.port },
      hasPorts: watcher.hasPorts !== false,
    }
    return [{ cluster: clusterOf(scenario, pod), line: WRITERS[watcher.kind](translation) }]
  })
}

const WRITERS: Readonly<Record<NatWatcher['kind'], (translation: Translation) => string>> = {
  conntrack: conntrackLine,
  ulogd: ulogdLine,
  'gcp-nat': gcpLine,
  'aws-vpc': awsLine,
  'azure-natgw': azureLine,
  'gcp-vpc': gcpVpcLine,
}

/** As `conntrack -E -o extended,timestamp,id` prints it. */
export function conntrackLine({ atMs, from, to, server }: Translation): string {
  const time = `[${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}000]`
  const original = `src=${from.ip} dst=${server.ip} sport=${from.port} dport=${server.port}`
  const reply = `src=${server.ip} dst=${to.ip} sport=${server.port} dport=${to.port}`
  const id = (Math.imul(from.port, 65_537) ^ Math.imul(to.port, 8191) ^ atMs) >>> 1
  return `${time}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${original} [UNREPLIED] ${reply} id=${id}`
}

function ulogdLine({ atMs, from, to, server }: Translation): string {
  return JSON.stringify({
    'orig.ip.protocol': 6,
    'orig.l4.sport': from.port,
    'orig.l4.dport': server.port,
    'reply.l4.sport': server.port,
    'reply.l4.dport': to.port,
    'ct.id': (Math.imul(from.port, 65_537) ^ to.port) >>> 1,
    'ct.event': 1,
    'flow.start.sec': Math.floor(atMs / 1000),
    'flow.start.usec': (atMs % 1000) * 1000,
    src_ip: from.ip,
    dest_ip: server.ip,
    'reply.ip.saddr.str': server.ip,
    'reply.ip.daddr.str': to.ip,
  })
}

const gcpConnection = ({ from, to, server }: Translation) => ({
  src_ip: from.ip,
  src_port: from.port,
  dest_ip: server.ip,
  dest_port: server.port,
  protocol: 6,
  nat_ip: to.ip,
  nat_port: to.port,
})

function gcpLine(translation: Translation): string {
  return JSON.stringify({
    insertId: `${translation.atMs}-${translation.from.port}`,
    jsonPayload: {
      connection: gcpConnection(translation),
      allocation_status: 'OK',
      endpoint: { vm_name: 'node-a' },
      gateway_identifiers: { gateway_name: 'nat-eu' },
    },
    resource: { type: 'nat_gateway' },
    logName: 'projects/example/logs/compute.googleapis.com%2Fnat_flows',
    timestamp: new Date(translation.atMs).toISOString(),
  })
}

function gcpVpcLine(translation: Translation): string {
  const [start, end] = [translation.atMs - 1000, translation.atMs + 4000]
  return JSON.stringify({
    jsonPayload: {
      connection: gcpConnection(translation),
      start_time: new Date(start).toISOString(),
      end_time: new Date(end).toISOString(),
    },
    logName: 'projects/example/logs/compute.googleapis.com%2Fvpc_flows',
    timestamp: new Date(end).toISOString(),
  })
}

export const AWS_HEADER =
  'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action log-status'

/** A window of the NAT gateway's interface, which knows the gateway's private address alone. */
function awsLine({ atMs, from, to, server, hasPorts }: Translation): string {
  const gateway = Object.entries(GATEWAYS).find(([, ip]) => ip === to.ip)?.[0] ?? to.ip
  const [startS, endS] = intervalOf(atMs / 1000, AWS_WINDOW_S)
  const port = hasPorts ? from.port : '-'
  return `eni-0nat ${from.ip} ${gateway} ${from.ip} ${server.ip} ${port} ${server.port} 6 ${startS} ${endS} ACCEPT OK`
}

function azureLine({ atMs, from, to, server }: Translation): string {
  const properties = { sourceIP: from.ip, destinationIP: server.ip, natGatewayIP: to.ip, packetsSent: 12 }
  const time = new Date(atMs).toISOString()
  return JSON.stringify({ records: [{ time, category: 'NatGatewayFlowlogsV1', properties }] })
}

/** A provider's own record of a call, by the identity that the operator mapped to the workload. */
export function auditLines(scenario: Scenario, watcher: AuditWatcher, baseMs: number): NatLine[] {
  return scenario.calls
    .filter((call) => watches(watcher, call) && call.fate === 'left')
    .map((call) => {
      const pod = podOf(scenario, call.pod)
      const entry = Object.entries(scenario.operator.principals ?? {}).find(
        ([, workload]) => pod.cluster === '' && workload === `${pod.namespace}/${pod.workload}`,
      )
      const principal = (entry?.[0] ?? 'arn:aws:iam::111122223333:user/laptop').replace(/\*$/, 'pod-1')
      const ip = watcher.lies?.[call.id] ?? call.seenAs
      const time = new Date(Math.round(baseMs + (call.atS + (watcher.skewS ?? 0)) * 1000)).toISOString()
      const line = JSON.stringify(auditRecord(watcher.kind, call, principal, ip, time, scenario.name))
      return { cluster: clusterOf(scenario, pod), line }
    })
}

function auditRecord(
  kind: AuditWatcher['kind'],
  call: TrueCall,
  principal: string,
  ip: string,
  time: string,
  name: string,
): object {
  switch (kind) {
    case 'cloudtrail': {
      const event = {
        eventID: `${name}-${call.id}`,
        eventTime: time,
        eventSource: 'bedrock.amazonaws.com',
        eventName: 'InvokeModel',
        awsRegion: 'us-east-1',
        sourceIPAddress: ip,
        userIdentity: { type: 'AssumedRole', arn: principal },
        requestParameters: { modelId: 'some.model' },
        tlsDetails: { clientProvidedHostHeader: call.host },
      }
      return { Records: [event] }
    }
    case 'gcp-audit':
      return {
        insertId: `${name}-${call.id}`,
        timestamp: time,
        protoPayload: {
          serviceName: 'aiplatform.googleapis.com',
          methodName: 'google.cloud.aiplatform.v1.PredictionService.GenerateContent',
          resourceName: 'projects/example/locations/europe-west4/publishers/google/models/some-model',
          authenticationInfo: { principalEmail: principal },
          requestMetadata: { callerIp: ip },
        },
      }
    case 'azure-openai': {
      const record = {
        time,
        category: 'RequestResponse',
        resourceId: '/SUBSCRIPTIONS/X/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/PLANNER-AI',
        callerIpAddress: ip,
        correlationId: `${name}-${call.id}`,
        properties: JSON.stringify({ objectId: principal }),
      }
      return { records: [record] }
    }
  }
}
