import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { SourceFormatName } from '../registry'

const sources = path.resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(sources, file), 'utf8')
const lines = (file: string): string[] => read(file).split('\n').filter(Boolean)
const values = (...files: readonly string[]): unknown[] =>
  files.flatMap((file) =>
    file.endsWith('.json') ? [JSON.parse(read(file))] : lines(file).map((line): unknown => JSON.parse(line)),
  )
/** Fixtures hold lines that are no JSON on purpose; as seeds of values they are left out. */
const readable = (file: string): unknown[] =>
  lines(file).flatMap((line): unknown[] => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })

const HUBBLE_MORE: readonly unknown[] = [
  {
    lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '12', first: '2026-11-24T00:00:00Z' },
    node_name: 'n',
  },
  { node_status: { state_change: 'NODE_GONE', node_names: ['a', 'b'] }, time: '2026-11-24T00:00:00Z' },
]

const TUPLE = 'src=10.1.0.4 dst=192.0.2.80 sport=40001 dport=443'
const REPLY = 'src=192.0.2.80 dst=198.51.100.9 sport=443 dport=52001'
const meta = (name: string, src: string, sport: number, dst: string, dport: number) =>
  `<meta direction="${name}"><layer3 protonum="2" protoname="ipv4"><src>${src}</src><dst>${dst}</dst></layer3><layer4 protonum="6" protoname="tcp"><sport>${sport}</sport><dport>${dport}</dport></layer4></meta>`

export const CONNTRACK_SEEDS: readonly string[] = [
  `[1700000100.500250]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${TUPLE} [UNREPLIED] ${REPLY} id=77`,
  `[1700000104.600000]\t[DESTROY] ipv4     2 tcp      6 ${TUPLE} ${REPLY} [ASSURED] delta-time=4 id=77`,
  `[1700000102.000001]\t [UPDATE] ipv4     2 udp      17 30 ${TUPLE} ${REPLY} mark=0 zone=3 id=78`,
  '[1700000102.5]\t    [NEW] ipv6     10 tcp      6 120 SYN_SENT src=fd00::4 dst=2001:db8::80 sport=40001 dport=443 [UNREPLIED] src=2001:db8::80 dst=2001:db8::9 sport=443 dport=52001 id=9',
  `[DESTROY] ipv4     2 tcp      6 ${TUPLE} packets=3 bytes=180 ${REPLY} packets=2 bytes=120 [start=Fri Nov 24 12:00:00 2023] [stop=Fri Nov 24 12:00:09 2023]`,
  `tcp      6 431999 ESTABLISHED ${TUPLE} ${REPLY} [ASSURED] mark=0 use=1`,
  '[1700000100.5]\t    [NEW] icmp     1 30 src=10.1.0.4 dst=192.0.2.80 type=8 code=0 id=5 [UNREPLIED] src=192.0.2.80 dst=198.51.100.9 type=0 code=0 id=5',
  'conntrack v1.4.7 (conntrack-tools): 3 flow events have been shown.',
  `2026-11-24T12:00:00.123456789Z stdout F [1700000100.500250]\t    [NEW] tcp      6 120 SYN_SENT ${TUPLE} [UNREPLIED] ${REPLY}`,
  `<flow type="new">${meta('original', '10.1.0.4', 40001, '192.0.2.80', 443)}${meta('reply', '192.0.2.80', 443, '198.51.100.9', 52001)}<meta direction="independent"><state>SYN_SENT</state><timestamp><start>1700000100123456789</start></timestamp><id>77</id></meta><when><hour>22</hour><min>15</min><sec>05</sec><wday>3</wday><day>14</day><month>11</month><year>2023</year></when></flow>`,
  '{"orig.ip.protocol":6,"orig.l4.sport":40001,"orig.l4.dport":443,"reply.l4.sport":443,"reply.l4.dport":52001,"ct.id":77,"ct.event":4,"flow.start.sec":1700000100,"flow.start.usec":500100,"flow.end.sec":1700000104,"flow.end.usec":1,"src_ip":"10.1.0.4","dest_ip":"192.0.2.80","reply.ip.saddr.str":"192.0.2.80","reply.ip.daddr.str":"198.51.100.9"}',
]

export const COREDNS_SEEDS: readonly string[] = [
  '2026-11-24T12:00:00.123456789Z stdout F [INFO] 10.244.1.7:41370 - 5 "A IN api.openai.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s',
  '[pod/coredns-5d78c9869d-x2x5v/coredns] 2026-11-24T12:00:00.123Z [INFO] [fd00::7]:41370 - 65535 "AAAA IN api.anthropic.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s',
  '2026-11-24T12:00:00.123Z [INFO] 10.244.1.7:41370 - 5 "A IN a.b.c.d.svc.cluster.local. udp 33 false 512" NXDOMAIN qr,aa,rd 64 0.001s',
  '2026-11-24T12:00:00.123Z [INFO] plugin/reload: Running configuration SHA512 = abc',
  '2026-11-24T12:00:00.123Z [ERROR] plugin/errors: 2 example. A: read udp: i/o timeout',
  '{"log":"[INFO] 10.244.1.7:41370 - 5 \\"A IN api.openai.com. udp 33 false 512\\" NOERROR qr,rd,ra 64 0.001s\\n","time":"2026-11-24T12:00:00.5Z"}',
]

const CALICO_DNS: readonly unknown[] = [
  {
    start_time: 1_795_521_600,
    end_time: 1_795_521_900,
    type: 'LOG',
    count: 3,
    client_name: '-',
    client_name_aggr: 'agent-7d9c8b6f5-*',
    client_namespace: 'ml',
    qname: 'api.openai.com',
    qtype: 'A',
    rcode: 'NoError',
    rrsets: [
      { name: 'api.openai.com', type: 'CNAME', class: 'IN', rdata: ['edge.example'] },
      { name: 'edge.example', type: 'A', class: 'IN', rdata: ['198.51.100.20', '198.51.100.21'] },
    ],
  },
]

/** Authored records of every JSON format, as parsed values; text formats have their seeds in `LINE_SEEDS`. */
export const VALUE_SEEDS: Readonly<Partial<Record<SourceFormatName, readonly unknown[]>>> = {
  hubble: [...readable('hubble/__fixtures__/situations.jsonl'), ...HUBBLE_MORE],
  calico: [
    ...['emitter', 'enterprise', 'enterprise-shipped', 'shipped', 'situations', 'whisker'].flatMap((name) =>
      readable(`calico/__fixtures__/${name}.jsonl`),
    ),
    ...['protojson-camel', 'protojson-snake', 'whisker-page', 'gateway-list-policy-strings'].flatMap((name) =>
      values(`calico/__fixtures__/${name}.json`),
    ),
  ],
  'nat/aws-vpc': [
    { message: '2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1790000000 1790000058 ACCEPT OK' },
    { logEvents: [{ message: lines('nat/__fixtures__/aws-vpc.txt')[1] }] },
    {
      interface_id: 'eni-1',
      srcaddr: '10.20.1.7',
      dstaddr: '10.20.0.250',
      'pkt-srcaddr': '10.20.1.7',
      pkt_dstaddr: '198.51.100.80',
      srcport: 43_210,
      dstport: 443,
      protocol: 6,
      start: 1_790_000_000,
      end: 1_790_000_058,
      action: 'ACCEPT',
      'log-status': 'OK',
    },
  ],
  'nat/gcp-nat': values('nat/__fixtures__/gcp-nat.jsonl'),
  'nat/gcp-vpc': values('nat/__fixtures__/gcp-vpc.jsonl'),
  'nat/azure-natgw': values('nat/__fixtures__/azure-natgw.jsonl'),
  'nat/azure-vnet': [{ records: [{ category: 'NetworkSecurityGroupFlowEvent' }] }],
  'nat/cloudtrail': values('nat/__fixtures__/cloudtrail.jsonl'),
  'nat/gcp-audit': values('nat/__fixtures__/gcp-audit.jsonl'),
  'nat/azure-openai': values('nat/__fixtures__/azure-openai.jsonl'),
  'nat/openai-audit': [{ object: 'organization.audit_log', type: 'api_key.created' }],
  'nat/anthropic-compliance': [{ type: 'activity', actor: { email: 'a@example.com' } }],
  'dns/coredns': [
    JSON.parse(COREDNS_SEEDS[5] ?? 'null'),
    { message: COREDNS_SEEDS[0] },
    { line: COREDNS_SEEDS[2], ts: 1 },
  ],
  'dns/calico': CALICO_DNS,
}

/** Authored lines of every text format. */
export const LINE_SEEDS: Readonly<Partial<Record<SourceFormatName, readonly string[]>>> = {
  'nat/conntrack': CONNTRACK_SEEDS,
  'nat/aws-vpc': lines('nat/__fixtures__/aws-vpc.txt'),
  'dns/coredns': COREDNS_SEEDS,
}

/** Authored OTLP/JSON exports of traces. */
export const TRACE_SEEDS: readonly unknown[] = values(
  ...readdirSync(path.join(sources, 'otlp/__fixtures__'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `otlp/__fixtures__/${name}`),
)

const FLOW = readable('calico/__fixtures__/emitter.jsonl')[0]
/** OTLP/JSON exports of logs: a flow as text, as a map, in attributes, and a stranger. */
export const LOG_SEEDS: readonly unknown[] = [
  {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'k8s.cluster.name', value: { stringValue: 'prod' } }] },
        scopeLogs: [
          {
            logRecords: [
              { timeUnixNano: '1769904000000000000', body: { stringValue: JSON.stringify(FLOW) } },
              {
                body: {
                  kvlistValue: {
                    values: [
                      { key: 'verdict', value: { stringValue: 'FORWARDED' } },
                      {
                        key: 'IP',
                        value: { kvlistValue: { values: [{ key: 'source', value: { stringValue: '10.0.0.1' } }] } },
                      },
                    ],
                  },
                },
                attributes: [
                  {
                    key: '__proto__',
                    value: { kvlistValue: { values: [{ key: 'polluted', value: { boolValue: true } }] } },
                  },
                  { key: 'n', value: { intValue: '9223372036854775807' } },
                  { key: 'half', value: { doubleValue: 0.5 } },
                  {
                    key: 'list',
                    value: { arrayValue: { values: [{ boolValue: true }, { bytesValue: 'eyJhIjoxfQ==' }] } },
                  },
                ],
              },
              { body: { stringValue: 'a line of another program' }, severityText: 'INFO' },
            ],
          },
        ],
      },
    ],
  },
]

/** OTLP/JSON exports of metrics, a point of each kind. */
export const METRIC_SEEDS: readonly unknown[] = [
  {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'a', gauge: { dataPoints: [{ asInt: '1' }, { asDouble: 2 }] } },
              { name: 'b', sum: { dataPoints: [{ asInt: '1' }], isMonotonic: true } },
              { name: 'c', histogram: { dataPoints: [{ count: '1' }] } },
              { name: 'd', exponentialHistogram: { dataPoints: [{ count: '1' }] } },
              { name: 'e', summary: { dataPoints: [{ count: '1' }] } },
            ],
          },
        ],
      },
    ],
  },
]
