import { goldmaneLines } from '@/lib/demo/goldmane-lines'
import { hubbleLines } from '@/lib/demo/hubble-lines'
import type { EncodableResourceSpans } from '@/lib/sources/otlp/encode'

const HOUR_MS = 3600_000

/** Lines of a generator that tells a stretch of time, newest hour first, until there are enough. */
function linesBefore(
  generate: (span: { seed: number; startMs: number; endMs: number }) => string[],
  endMs: number,
  count: number,
): string[] {
  const lines: string[] = []
  for (let hour = 1; lines.length < count; hour += 1)
    lines.push(...generate({ seed: 11, startMs: endMs - hour * HOUR_MS, endMs: endMs - (hour - 1) * HOUR_MS }))
  return lines.slice(0, count)
}

/** The demo cluster's Hubble lines before `endMs`: the same ones for the same end and number. */
export const hubbleRecords = (endMs: number, count: number): string[] => linesBefore(hubbleLines, endMs, count)
/** The demo's second cluster as Goldmane's emitter writes it. */
export const goldmaneRecords = (endMs: number, count: number): string[] => linesBefore(goldmaneLines, endMs, count)

const many = (count: number, one: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => one(index))
const workload = (index: number): string => `agent-${index % 40}-6b687c8dcb-*`
const port = (index: number): number => 1024 + (index % 60_000)
const podIp = (index: number): string => `10.${20 + (index % 4)}.${(index >> 2) % 250}.${1 + ((index * 7) % 250)}`
const serverIp = (index: number): string => `198.51.100.${1 + (index % 200)}`

export const enterpriseRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const startS = Math.floor(endMs / 1000) - 300 * (1 + (index % 12))
    return JSON.stringify({
      start_time: startS,
      end_time: startS + 300,
      host: `node-${index % 8}`,
      source_ip: null,
      source_name: '-',
      source_name_aggr: workload(index),
      source_namespace: 'ml',
      source_type: 'wep',
      source_labels: { labels: ['app=agent', 'pod-template-hash=6b687c8dcb'] },
      dest_ip: serverIp(index),
      dest_name: '-',
      dest_name_aggr: 'pub',
      dest_namespace: '-',
      dest_port: 443,
      dest_type: 'net',
      dest_domains: ['api.openai.com'],
      proto: 'tcp',
      action: 'allow',
      reporter: 'src',
      policies: {
        enforced_policies: ['0|default|gnp:default.egress|allow|2'],
        pending_policies: ['0|default|gnp:default.egress|allow|2'],
      },
      bytes_in: 9000 + index,
      bytes_out: 4000,
      packets_in: 40,
      packets_out: 30,
      num_flows: 4,
      num_flows_started: 3,
      num_flows_completed: 2,
      process_name: '-',
      process_id: '-',
    })
  })

export const whiskerRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const startMs = Math.floor(endMs / 15_000) * 15_000 - 15_000 * (1 + (index % 100))
    const hit = { kind: 'CalicoNetworkPolicy', name: 'allow', namespace: 'ml', tier: 'default', action: 'Allow' }
    const policies = [{ ...hit, policy_index: 0, rule_index: 0, trigger: null }]
    return JSON.stringify({
      start_time: new Date(startMs).toISOString(),
      end_time: new Date(startMs + 15_000).toISOString(),
      action: 'Allow',
      source_name: workload(index),
      source_namespace: 'ml',
      source_labels: 'app=agent | tier=front',
      dest_name: 'api-6b687c8dcb-*',
      dest_namespace: 'shop',
      dest_labels: 'app=api',
      protocol: 'tcp',
      dest_port: 8080,
      reporter: index % 2 === 0 ? 'Src' : 'Dst',
      policies: { enforced: policies, pending: policies },
      packets_in: 10,
      packets_out: 8,
      bytes_in: 1000 + index,
      bytes_out: 2000,
    })
  })

const secondOf = (endMs: number, index: number): number => Math.floor(endMs / 1000) - 1 - (index % 3000)

/** One NEW line of `conntrack -E -o extended,timestamp,id` per connection. */
export const conntrackRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const [client, server] = [podIp(index), serverIp(index)]
    const stamp = `[${secondOf(endMs, index)}.${String(index % 1_000_000).padStart(6, '0')}]`
    return `${stamp}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${client} dst=${server} sport=${port(index)} dport=443 [UNREPLIED] src=${server} dst=203.0.113.10 sport=443 dport=${port(index * 3)} id=${index + 1}`
  })

export const conntrackXmlRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const meta = (name: string, src: string, sport: number, dst: string, dport: number) =>
      `<meta direction="${name}"><layer3 protonum="2" protoname="ipv4"><src>${src}</src><dst>${dst}</dst></layer3><layer4 protonum="6" protoname="tcp"><sport>${sport}</sport><dport>${dport}</dport></layer4></meta>`
    const original = meta('original', podIp(index), port(index), serverIp(index), 443)
    const reply = meta('reply', serverIp(index), 443, '203.0.113.10', port(index * 3))
    return `<flow type="new">${original}${reply}<meta direction="independent"><state>SYN_SENT</state><timestamp><start>${secondOf(endMs, index)}123456789</start></timestamp><id>${index + 1}</id></meta></flow>`
  })

export const ulogdRecords = (endMs: number, count: number): string[] =>
  many(count, (index) =>
    JSON.stringify({
      'orig.ip.protocol': 6,
      'orig.l4.sport': port(index),
      'orig.l4.dport': 443,
      'reply.l4.sport': 443,
      'reply.l4.dport': port(index * 3),
      'ct.id': index + 1,
      'ct.event': 1,
      'flow.start.sec': secondOf(endMs, index),
      'flow.start.usec': index % 1_000_000,
      src_ip: podIp(index),
      dest_ip: serverIp(index),
      'reply.ip.saddr.str': serverIp(index),
      'reply.ip.daddr.str': '203.0.113.10',
    }),
  )

/** Flow logs of a NAT gateway, of which a quarter each is what arrives from pods, leaves, comes back, and is handed back. */
export const awsVpcRecords = (endMs: number, count: number): string[] => [
  'version interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action log-status flow-direction',
  ...many(count - 1, (index) => {
    const [pod, gateway, server] = [podIp(index), '10.20.0.250', serverIp(index)]
    const lines = [
      `${pod} ${gateway} ${pod} ${server} ${port(index)} 443`,
      `${gateway} ${server} ${gateway} ${server} ${port(index * 3)} 443`,
      `${server} ${gateway} ${server} ${gateway} 443 ${port(index * 3)}`,
      `${gateway} ${pod} ${server} ${pod} 443 ${port(index)}`,
    ]
    const startS = secondOf(endMs, index)
    return `5 eni-0nat ${lines[index % 4]} 6 ${startS} ${startS + 58} ACCEPT OK ${index % 4 < 3 ? 'ingress' : 'egress'}`
  }),
]

export const gcpNatRecords = (endMs: number, count: number): string[] =>
  many(count, (index) =>
    JSON.stringify({
      insertId: `a${index}`,
      jsonPayload: {
        connection: {
          src_ip: podIp(index),
          src_port: port(index),
          dest_ip: serverIp(index),
          dest_port: 443,
          protocol: 6,
          nat_ip: '203.0.113.10',
          nat_port: port(index * 3),
        },
        allocation_status: 'OK',
        endpoint: { vm_name: 'node-a' },
        gateway_identifiers: { gateway_name: 'nat-eu' },
      },
      resource: { type: 'nat_gateway' },
      logName: 'projects/example/logs/compute.googleapis.com%2Fnat_flows',
      timestamp: new Date(endMs - 1000 * (index % 3000)).toISOString(),
    }),
  )

export const corednsRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const time = new Date(endMs - 1000 * (index % 3000)).toISOString()
    return `${time} stdout F [INFO] ${podIp(index)}:${port(index)} - ${index % 65_536} "A IN host-${index % 500}.example.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s`
  })

export const calicoDnsRecords = (endMs: number, count: number): string[] =>
  many(count, (index) => {
    const name = `host-${index % 500}.example.com`
    const startS = Math.floor(endMs / 1000) - 300 * (1 + (index % 12))
    return JSON.stringify({
      start_time: startS,
      end_time: startS + 300,
      type: 'LOG',
      count: 1 + (index % 9),
      client_name: '-',
      client_name_aggr: workload(index),
      client_namespace: 'ml',
      qname: name,
      qtype: 'A',
      qclass: 'IN',
      rcode: 'NoError',
      rrsets: [
        { name, type: 'CNAME', class: 'IN', rdata: ['edge.example.net'] },
        { name: 'edge.example.net', type: 'A', class: 'IN', rdata: [serverIp(index), serverIp(index + 1)] },
      ],
    })
  })

/** Client spans of model calls: 500 in one export, 100 of each resource, as a collector batches them. */
export function spanExports(endMs: number, count: number): EncodableResourceSpans[][] {
  const spans = Array.from({ length: count }, (_, index) => {
    const startNs = BigInt(endMs - 60_000 - (index % 30_000)) * 1_000_000n
    return {
      traceId: `1${String(index).padStart(31, '0')}`,
      spanId: `1${String(index).padStart(15, '0')}`,
      name: 'chat gpt-5',
      kind: 3,
      startNs,
      endNs: startNs + 800_000_000n,
      attributes: {
        'server.address': 'api.openai.com',
        'server.port': 443,
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': 200 + (index % 1000),
        'gen_ai.usage.output_tokens': 40,
        'gen_ai.input.messages': 'a prompt that is not read',
      },
    }
  })
  const exports: EncodableResourceSpans[][] = []
  for (let from = 0; from < spans.length; from += 500)
    exports.push(
      [0, 100, 200, 300, 400].map((offset) => ({
        resource: {
          'service.name': `agent-${offset}`,
          'k8s.namespace.name': 'ml',
          'k8s.deployment.name': `agent-${offset}`,
        },
        scope: { name: 'bench' },
        spans: spans.slice(from + offset, from + offset + 100),
      })),
    )
  return exports
}
