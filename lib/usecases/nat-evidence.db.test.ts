import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NatFormat } from '@/lib/sources/nat/formats'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const MINUTE = 60_000
const AT = NOW - 35 * MINUTE
const SERVER = '203.0.113.200'
const GOOD = '203.0.113.10'
const BAD = '198.51.100.7'
const ROLE = 'arn:aws:sts::111122223333:assumed-role/agent/pod-1'
const COMMON = {
  dataset: '',
  tokenId: 't',
  clusterHeader: 'prod',
  defaultCluster: 'default',
  retentionMs: 24 * 60 * MINUTE,
  nowMs: NOW,
}
const CONFIG = `
egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [${GOOD}/32] }
paths:
  - name: prod
    clusters: [prod]
    hops: [node, nat-gw]
    final: nat-gw
    map: { 10.0.0.220: ${GOOD}, 10.0.0.221: ${BAD} }
    principals:
      "arn:aws:sts::111122223333:assumed-role/agent/*": ml/agent
      agent@example.iam.gserviceaccount.com: ml/agent
      a0b1-agent: ml/agent
  - { name: twin, clusters: [twin], hops: [node, nat-gw], final: nat-gw }
egressRules:
  - { name: ai, providers: ['*'], egressPoints: [nat-a] }
`

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: CONFIG })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, judgement_history, pod_ip_lease, address_change, gap',
  ),
)

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

interface Call {
  readonly atMs?: number
  readonly ip?: string
  readonly port?: number
  readonly pod?: string
  readonly cluster?: string
  readonly host?: string
  readonly dataset?: string
}

let serial = 0
/** A call of a pod to its provider, as Hubble tells it. */
const call = ({
  atMs = AT,
  ip = '10.244.1.7',
  port = 41370,
  pod = 'agent-7d4b9c6f5-x2x5v',
  cluster = 'prod',
  host = 'api.openai.com',
  dataset = '',
}: Call = {}) => {
  serial += 1
  return ingestBatch({
    ...COMMON,
    dataset,
    clusterHeader: cluster,
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(atMs).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(serial).padStart(12, '0')}`,
          verdict: 'FORWARDED',
          IP: { source: ip, destination: SERVER },
          l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: pod, labels: ['k8s:app=agent'] },
          destination: { labels: ['reserved:world'] },
          destination_names: [host],
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })
}

const send = (format: NatFormat, text: string, change: Partial<Parameters<typeof ingestNat>[0]> = {}) =>
  ingestNat({ ...COMMON, format, hop: 'nat-gw', trusted: true, body: once(text), ...change })

/** What the node's conntrack says of the call: pod to node. */
const nodeLine = ({ atMs = AT, from = '10.244.1.7:41370', to = '10.0.1.5:59205' } = {}) => {
  const [ip, port] = from.split(':')
  const [toIp, toPort] = to.split(':')
  return `[${(atMs / 1000).toFixed(6)}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${ip} dst=${SERVER} sport=${port} dport=443 [UNREPLIED] src=${SERVER} dst=${toIp} sport=443 dport=${toPort} id=${Math.floor(atMs / 1000)}\n`
}
const sendNode = (change: Parameters<typeof nodeLine>[0] = {}) => send('conntrack', nodeLine(change), { hop: 'node' })

const gcp = ({ atMs = AT + 200, from = '10.0.1.5:59205', nat = `${GOOD}:1024` } = {}) =>
  JSON.stringify({
    jsonPayload: {
      connection: {
        src_ip: from.split(':')[0],
        src_port: Number(from.split(':')[1]),
        dest_ip: SERVER,
        dest_port: 443,
        protocol: 6,
        nat_ip: nat.split(':')[0],
        nat_port: Number(nat.split(':')[1]),
      },
      allocation_status: 'OK',
    },
    timestamp: new Date(atMs).toISOString(),
    logName: 'projects/p/logs/compute.googleapis.com%2Fnat_flows',
  })

interface Window {
  readonly atMs?: number
  readonly seconds?: number
  readonly from?: string
  readonly port?: number
  readonly gateway?: string
  readonly status?: string
}
const AWS_HEADER =
  'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action log-status'
/** A window of the NAT gateway's interface; without a port, as a format without srcport gives it. */
const aws = ({
  atMs = AT - 10_000,
  seconds = 60,
  from = '10.244.1.7',
  port,
  gateway = '10.0.0.220',
  status = 'OK',
}: Window = {}) => {
  const start = Math.floor(atMs / 1000)
  return `${AWS_HEADER}\neni-1 ${from} ${gateway} ${from} ${SERVER} ${port ?? '-'} 443 6 ${start} ${start + seconds} ACCEPT ${status}\n`
}

const lease = (
  parts: { ip?: string; pod?: string; uid?: string; from?: number; to?: number; hostNetwork?: boolean } = {},
) =>
  query(
    `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, host_network, valid_from, valid_to)
     VALUES ('prod', $1, 'ml', $2, $3, 'agent', $4, to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))`,
    [
      parts.ip ?? '10.244.1.7',
      parts.pod ?? 'agent-7d4b9c6f5-x2x5v',
      parts.uid ?? 'uid-1',
      parts.hostNetwork ?? false,
      parts.from ?? AT - 3_600_000,
      parts.to ?? null,
    ],
  )

interface Judged {
  readonly state: string
  readonly reason: string | null
  readonly lean: string
  readonly ip: string | null
  readonly confidence: string | null
}
/** Every judged connection, oldest first. */
async function judged(cluster = 'prod'): Promise<Judged[]> {
  await judgeEgress()
  return query<Judged>(
    `SELECT state, reason, lean, observed_ip AS ip, judgement->>'confidence' AS confidence FROM egress_connection
     WHERE cluster = $1 ORDER BY first_at, client_port`,
    [cluster],
  )
}

describe('a pod behind its node and a cloud NAT', () => {
  it.each([
    ['sanctioned', GOOD],
    ['violation', BAD],
  ])('GCP Cloud NAT: is %s by the address in its log', async (state, ip) => {
    await call()
    await sendNode()
    await send('gcp-nat', gcp({ nat: `${ip}:1024` }))
    expect(await judged()).toMatchObject([{ state, ip, confidence: 'observed at the final hop' }])
  })

  it.each([
    ['in a list', (entry: string) => `[${entry}]`],
    [
      'pushed by Pub/Sub',
      (entry: string) => JSON.stringify({ message: { data: Buffer.from(entry).toString('base64') } }),
    ],
  ])('GCP Cloud NAT: %s is the same evidence', async (_name, wrap) => {
    await call()
    await sendNode()
    expect(await send('gcp-nat', wrap(gcp()))).toMatchObject({ accepted: 1, rejected: 0 })
    expect(await judged()).toMatchObject([{ state: 'sanctioned' }])
  })

  it.each([
    ['sanctioned', '10.0.0.220'],
    ['violation', '10.0.0.221'],
  ])('AWS with the source port: is %s by the address that the path’s map gives', async (state, gateway) => {
    await call()
    await sendNode()
    await send('aws-vpc', aws({ from: '10.0.1.5', port: 59205, gateway }))
    expect(await judged()).toMatchObject([{ state, ip: state === 'sanctioned' ? GOOD : BAD }])
  })

  it('AWS without the source port: the node’s address is shared, so the log only hints', async () => {
    await call()
    await sendNode()
    await send('aws-vpc', aws({ from: '10.0.1.5', gateway: '10.0.0.221' }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak', lean: 'likely_violation' }])
  })

  it('AWS: a gateway’s address that no map names proves nothing', async () => {
    await call()
    await sendNode()
    await send('aws-vpc', aws({ from: '10.0.1.5', port: 59205, gateway: '10.0.0.99' }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'unmapped_nat_address' }])
  })

  it('conntrack of both hops, as ulogd2 JSON and XML, proves as its lines do; told again by lines it stays one row a hop', async () => {
    await call()
    const seconds = Math.floor(AT / 1000)
    const ulogd = {
      'orig.ip.protocol': 6,
      'orig.l4.sport': 41370,
      'orig.l4.dport': 443,
      'reply.l4.sport': 443,
      'reply.l4.dport': 59205,
      'ct.id': seconds,
      'ct.event': 1,
      'flow.start.sec': seconds,
      src_ip: '10.244.1.7',
      dest_ip: SERVER,
      'reply.ip.saddr.str': SERVER,
      'reply.ip.daddr.str': '10.0.1.5',
    }
    const side = (name: string, src: string, sport: number, dst: string, dport: number) =>
      `<meta direction="${name}"><layer3><src>${src}</src><dst>${dst}</dst></layer3><layer4 protoname="tcp"><sport>${sport}</sport><dport>${dport}</dport></layer4></meta>`
    const at = new Date(AT)
    const when = `<when><hour>${at.getUTCHours()}</hour><min>${at.getUTCMinutes()}</min><sec>${at.getUTCSeconds()}</sec><day>${at.getUTCDate()}</day><month>${at.getUTCMonth() + 1}</month><year>${at.getUTCFullYear()}</year></when>`
    const xml = `<flow type="new">${side('original', '10.0.1.5', 59205, SERVER, 443)}${side('reply', SERVER, 443, BAD, 62782)}<meta direction="independent"><id>5</id></meta>${when}</flow>`
    await send('conntrack', JSON.stringify(ulogd), { hop: 'node' })
    await send('conntrack', `<?xml version="1.0"?>\n<conntrack>\n${xml}\n</conntrack>\n`)
    expect(await judged()).toMatchObject([{ state: 'violation', ip: BAD }])
    await sendNode()
    expect(await query('SELECT hop FROM nat_record ORDER BY hop')).toEqual([{ hop: 'nat-gw' }, { hop: 'node' }])
    expect(await judged()).toMatchObject([{ state: 'violation', ip: BAD }])
  })

  it('Google’s VPC flow logs only hint', async () => {
    await call()
    const { jsonPayload } = JSON.parse(gcp({ from: '10.244.1.7:41370', nat: `${BAD}:1` }))
    const [start_time, end_time] = [AT - 1000, AT + 4000].map((ms) => new Date(ms).toISOString())
    await send('gcp-vpc', JSON.stringify({ jsonPayload: { ...jsonPayload, start_time, end_time } }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak', lean: 'likely_violation' }])
  })

  it('Azure: addresses without ports only hint', async () => {
    await call()
    await sendNode()
    const record = { time: new Date(AT).toISOString(), category: 'NatGatewayFlowlogsV1' }
    const properties = { sourceIP: '10.0.1.5', destinationIP: SERVER, natGatewayIP: BAD }
    await send('azure-natgw', JSON.stringify({ records: [{ ...record, properties }] }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak', lean: 'likely_violation' }])
  })

  it('the cloud’s log alone knows the node only', async () => {
    await call()
    await send('gcp-nat', gcp())
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'no_nat_evidence' }])
  })

  it('evidence that comes 30 minutes late is judged, in whichever order its hops come', async () => {
    for (const order of [['node', 'gcp'] as const, ['gcp', 'node'] as const]) {
      await query('TRUNCATE ingest_batch, nat_record, egress_connection')
      await call()
      expect(await judged()).toMatchObject([{ reason: 'no_nat_evidence' }])
      for (const hop of order) {
        await (hop === 'node' ? sendNode() : send('gcp-nat', gcp()))
        await judgeEgress()
      }
      expect(await judged()).toMatchObject([{ state: 'sanctioned' }])
    }
  })

  it('AWS windows that come late mark the pods behind the node, and no others', async () => {
    await call()
    await call({ ip: '10.244.2.9', port: 40000, pod: 'agent-7d4b9c6f5-b8z2k' })
    await sendNode()
    await judgeEgress()
    await send('aws-vpc', aws({ from: '10.0.1.5', port: 59205 }))
    expect(await query('SELECT client_ip AS ip FROM egress_connection WHERE dirty')).toEqual([{ ip: '10.244.1.7' }])
  })

  it('a token without the scope accuses at most', async () => {
    await call()
    await send('conntrack', nodeLine(), { hop: 'node', trusted: false })
    await send('gcp-nat', gcp({ nat: `${BAD}:1024` }), { trusted: false })
    expect(await judged()).toMatchObject([{ state: 'unverified', lean: 'likely_violation' }])
    await send('gcp-nat', gcp({ nat: `${BAD}:1024` }))
    expect((await judged())[0]?.state).toBe('unverified')
  })

  it('a token without the scope cannot hide what trusted hops say, however much it sends', async () => {
    await call()
    await sendNode()
    await send('gcp-nat', gcp({ nat: `${BAD}:1024` }))
    const noise = Array.from({ length: 6000 }, (_, n) =>
      gcp({ atMs: AT - 2000, from: '10.244.1.7:41370', nat: `${GOOD}:${n + 1}` }),
    )
    expect(await send('gcp-nat', noise.join('\n'), { trusted: false })).toMatchObject({ accepted: 6000 })
    expect(await judged()).toMatchObject([{ state: 'violation', ip: BAD }])
  })

  it('a tuple that is used again an hour later is another connection', async () => {
    const later = AT + 30 * MINUTE
    await call()
    await call({ atMs: later })
    await sendNode()
    await sendNode({ atMs: later })
    await send('gcp-nat', [gcp(), gcp({ atMs: later + 200, nat: `${BAD}:1024` })].join('\n'))
    expect(await judged()).toMatchObject([{ state: 'sanctioned' }, { state: 'violation' }])
  })

  it('clusters that share their addresses do not share their evidence', async () => {
    await call()
    await call({ cluster: 'twin' })
    await sendNode()
    await send('gcp-nat', gcp())
    expect(await judged('twin')).toMatchObject([{ state: 'unverified', reason: 'no_nat_evidence' }])
    await send('conntrack', nodeLine(), { hop: 'node', clusterHeader: 'twin' })
    await send('gcp-nat', gcp({ nat: `${BAD}:9` }), { clusterHeader: 'twin' })
    expect(await judged('twin')).toMatchObject([{ state: 'violation' }])
    expect(await judged('prod')).toMatchObject([{ state: 'sanctioned' }])
  })
})

describe('AWS flow logs alone, where pods keep their addresses', () => {
  it('with the source port: the tuple is the connection’s', async () => {
    await call()
    await send('aws-vpc', aws({ port: 41370 }))
    expect(await judged()).toMatchObject([{ state: 'sanctioned', ip: GOOD, confidence: 'observed at the final hop' }])
  })

  it('without it: proves where the address was one pod’s and the pod had one such connection', async () => {
    await lease()
    await call()
    await send('aws-vpc', aws({ gateway: '10.0.0.221' }))
    expect(await judged()).toMatchObject([{ state: 'violation', ip: BAD }])
  })

  it('without it and without leases: nobody knows whose the address was', async () => {
    await call()
    await send('aws-vpc', aws())
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak', lean: 'likely_ok' }])
  })

  /** The worker's pass, at a time when evidence may still come. */
  const pass = () => drawNatEdges({ nowMs: AT + 20 * MINUTE, settleMs: 2 * MINUTE })

  it('a lease that comes late makes the log conclusive', async () => {
    await call()
    await send('aws-vpc', aws())
    await judgeEgress()
    await lease()
    await pass()
    expect(await judged()).toMatchObject([{ state: 'sanctioned' }])
  })

  it('a lease that comes late and shows another owner of the address takes the proof away', async () => {
    await lease()
    await call()
    await send('aws-vpc', aws({ gateway: '10.0.0.221' }))
    await pass()
    expect(await judged()).toMatchObject([{ state: 'violation' }])
    await lease({ uid: 'uid-2', pod: 'other', from: AT - 5000, to: AT + 5000 })
    await pass()
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
  })

  it('another connection to the same address by another name, told of later, takes the proof away', async () => {
    await lease()
    await call()
    await send('aws-vpc', aws({ gateway: '10.0.0.221' }))
    expect(await judged()).toMatchObject([{ state: 'violation' }])
    await call({ atMs: AT + 20_000, port: 50_000, host: 'example.org' })
    expect((await judged())[0]).toMatchObject({ state: 'unverified', reason: 'join_too_weak' })
  })

  it('another connection to the same address that only a NAT record tells of takes the proof away', async () => {
    await lease()
    await call()
    await send('aws-vpc', aws({ gateway: '10.0.0.221' }))
    await pass()
    expect(await judged()).toMatchObject([{ state: 'violation' }])
    await sendNode({ atMs: AT + 20_000, from: '10.244.1.7:50000' })
    // The record alone comes before the settle time is over; the connection is drawn after it.
    await judgeEgress()
    await pass()
    expect((await judged())[0]).toMatchObject({ state: 'unverified', reason: 'join_too_weak' })
  })

  it('another connection of the pod to the server at the time, even if told of later, takes the proof away', async () => {
    await lease()
    await call()
    await send('aws-vpc', aws())
    expect(await judged()).toMatchObject([{ state: 'sanctioned' }])
    await call({ atMs: AT + 20_000, port: 50000 })
    expect(await judged()).toMatchObject([
      { state: 'unverified', reason: 'join_too_weak' },
      { state: 'unverified', reason: 'join_too_weak' },
    ])
  })

  it.each([
    ['the pod before it', { uid: 'uid-0', pod: 'other', from: AT - 7_200_000, to: AT - 5000 }],
    ['the pod after it', { uid: 'uid-2', pod: 'other', from: AT + 5000 }],
  ])('an address that %s had within the window proves nothing, with a port or without', async (_name, other) => {
    await lease({ from: AT - 5000, to: AT + 5000 })
    await lease(other)
    await call()
    await send('aws-vpc', aws())
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
    await send('aws-vpc', aws({ port: 41370 }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
  })

  it('an address of the node, which its pods share, proves nothing without a port', async () => {
    await lease({ ip: '10.0.1.5', hostNetwork: true })
    await call({ ip: '10.0.1.5' })
    await send('aws-vpc', aws({ from: '10.0.1.5' }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
  })

  it('leases of the live cluster say nothing about an imported recording', async () => {
    await lease()
    const dataset = 'recording'
    await call({ dataset })
    await send('aws-vpc', aws(), { dataset })
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
  })

  it('two gateways in the windows of one tuple contradict each other', async () => {
    await call()
    await send('aws-vpc', aws({ port: 41370 }))
    await send('aws-vpc', aws({ port: 41370, gateway: '10.0.0.221', atMs: AT }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
  })

  it('a skipped window is a gap of the source, and an empty one is nothing', async () => {
    const skipped = aws({ status: 'SKIPDATA' })
    const empty = `${AWS_HEADER}\neni-1 - - - - - - - 1795000000 1795000060 - NODATA\n`
    expect(await send('aws-vpc', skipped + empty)).toMatchObject({
      accepted: 0,
      rejected: 0,
      ignored: { not_traffic: 1 },
    })
    expect(await query('SELECT source, cluster, node, reason FROM gap')).toEqual([
      { source: 'nat', cluster: 'prod', node: 'eni-1', reason: 'VPC flow log: SKIPDATA' },
    ])
  })
})

describe('a provider’s own audit', () => {
  const HOST = 'bedrock-runtime.us-east-1.amazonaws.com'
  const event = (parts: Readonly<Record<string, unknown>> = {}) => ({
    eventSource: 'bedrock.amazonaws.com',
    eventName: 'InvokeModel',
    eventTime: new Date(AT).toISOString().replace(/\.\d+/, ''),
    awsRegion: 'us-east-1',
    sourceIPAddress: GOOD,
    userIdentity: { type: 'AssumedRole', arn: ROLE },
    requestParameters: { modelId: 'm' },
    tlsDetails: { clientProvidedHostHeader: HOST },
    eventID: `id-${parts.sourceIPAddress ?? GOOD}`,
    ...parts,
  })
  const trail = (...events: readonly object[]) => send('cloudtrail', JSON.stringify({ Records: events }), { hop: '' })

  it.each([
    ['sanctioned', GOOD],
    ['violation', BAD],
  ])('is %s by the address that it saw the workload call from', async (state, sourceIPAddress) => {
    await call({ host: HOST })
    expect(await judged()).toMatchObject([{ reason: 'no_nat_evidence' }])
    expect(await trail(event({ sourceIPAddress }))).toMatchObject({ accepted: 1 })
    expect(await judged()).toMatchObject([{ state, ip: sourceIPAddress, confidence: 'proven by provider' }])
  })

  it('hints only where the workload had two connections at the time', async () => {
    await call({ host: HOST })
    await call({ host: HOST, atMs: AT + 1000, ip: '10.244.2.9', pod: 'agent-7d4b9c6f5-b8z2k' })
    await trail(event({ sourceIPAddress: BAD }))
    const hint = { state: 'unverified', reason: 'join_too_weak', lean: 'likely_violation' }
    expect(await judged()).toMatchObject([hint, hint])
  })

  it.each([
    ['a caller that no path names', { userIdentity: { arn: 'arn:aws:iam::111122223333:user/laptop' } }],
    ['another host', { tlsDetails: { clientProvidedHostHeader: 'bedrock-runtime.eu-west-1.amazonaws.com' } }],
    ['another time', { eventTime: new Date(AT - 60_000).toISOString() }],
  ])('says nothing about the workload: %s', async (_name, parts) => {
    await call({ host: HOST })
    await trail(event({ sourceIPAddress: BAD, ...parts }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'no_nat_evidence', lean: 'none' }])
  })

  it('two addresses of one connection decide nothing', async () => {
    await call({ host: HOST })
    await trail(event(), event({ sourceIPAddress: BAD }))
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'conflicting' }])
  })

  it.each([
    ['gcp-audit', 'europe-west4-aiplatform.googleapis.com'],
    ['azure-openai', 'planner-ai.openai.azure.com'],
  ] as const)('%s: proves the address of the workload whose caller it names', async (format, host) => {
    await call({ host })
    const time = new Date(AT).toISOString()
    const record = {
      'gcp-audit': {
        timestamp: time,
        protoPayload: {
          serviceName: 'aiplatform.googleapis.com',
          methodName: 'google.cloud.aiplatform.v1.PredictionService.GenerateContent',
          resourceName: 'projects/p/locations/europe-west4/publishers/google/models/m',
          authenticationInfo: { principalEmail: 'agent@example.iam.gserviceaccount.com' },
          requestMetadata: { callerIp: BAD },
        },
      },
      'azure-openai': {
        time,
        category: 'RequestResponse',
        resourceId: '/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/PLANNER-AI',
        callerIpAddress: BAD,
        properties: JSON.stringify({ objectId: 'a0b1-agent' }),
      },
    }[format]
    expect(await send(format, JSON.stringify(record), { hop: '' })).toMatchObject({ accepted: 1 })
    expect(await judged()).toMatchObject([{ state: 'violation', ip: BAD, confidence: 'proven by provider' }])
  })

  it('disagrees with the final hop: both are kept, and nothing is decided', async () => {
    await call({ host: HOST })
    await sendNode()
    await send('gcp-nat', gcp({ nat: `${BAD}:7` }))
    await trail(event())
    expect(await judged()).toMatchObject([{ state: 'unverified', reason: 'conflicting' }])
  })
})

describe('a file of a trail', () => {
  const events = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      eventSource: 'bedrock.amazonaws.com',
      eventName: 'InvokeModel',
      eventTime: new Date(AT).toISOString(),
      awsRegion: 'us-east-1',
      sourceIPAddress: GOOD,
      eventID: String(index),
      requestParameters: { padding: 'x'.repeat(400) },
    }))

  it('may be larger than one record may be, compact or over many lines', async () => {
    const file = { Records: events(2500) }
    expect(JSON.stringify(file).length).toBeGreaterThan(1024 * 1024)
    expect(await send('cloudtrail', JSON.stringify(file))).toMatchObject({ accepted: 2500, rejected: 0 })
    await query('TRUNCATE nat_record')
    expect(await send('cloudtrail', JSON.stringify(file, null, 2))).toMatchObject({ accepted: 2500, rejected: 0 })
  })

  it('may follow another one in the same body', async () => {
    const [a, b, c] = events(3)
    const files = [{ Records: [a, b] }, { Records: [] }, { Records: [c] }].map((file) => JSON.stringify(file))
    expect(await send('cloudtrail', files.join(''))).toMatchObject({ accepted: 3, rejected: 0 })
    expect(await send('cloudtrail', `${files.join('\n')}\n`)).toMatchObject({ duplicates: 3, rejected: 0 })
  })
})

describe('what is not evidence', () => {
  it.each(['azure-vnet', 'openai-audit', 'anthropic-compliance'] as const)(
    '%s is refused with its reason',
    async (format) => {
      const result = await send(format, '{"time":"2026-11-24T11:00:00Z","flowRecords":{}}')
      expect(result).toMatchObject({ accepted: 0, rejected: 1, rejects: [{ reason: 'unsupported_dialect' }] })
      expect(result.rejects[0]?.detail?.length).toBeGreaterThan(20)
    },
  )

  it('a format that sees a hop needs its name', async () => {
    await expect(send('gcp-nat', gcp(), { hop: '' })).rejects.toMatchObject({ code: 'bad_request' })
  })
})
