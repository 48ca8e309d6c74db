import { uuidOf } from '../hubble-lines'
import { ASKED_BEFORE_S, watches } from './sightings'
import {
  clusterOf,
  type NameWatcher,
  type PlantPod,
  podName,
  podOf,
  type Scenario,
  SERVER_OF,
  type TrueSpan,
} from './world'

export interface NameLine {
  readonly cluster: string
  readonly line: string
}

/** What a pod asked for, and the address that it was given. */
export interface Asked {
  readonly pod: PlantPod
  readonly name: string
  readonly ip: string
  readonly atS: number
  readonly id: string
}

/** Everything that was asked in a scenario, as far as a log of DNS saw it. */
export function askedIn(scenario: Scenario, watcher: NameWatcher): Asked[] {
  const forCalls = scenario.calls
    .filter((call) => watches(watcher, call))
    .flatMap((call) =>
      call.asked.map((name) => ({
        pod: podOf(scenario, call.pod),
        name,
        ip: call.serverIp,
        atS: call.atS - ASKED_BEFORE_S,
        id: call.id,
      })),
    )
  const forNothing = (scenario.questions ?? []).map(({ pod, name, atS }, index) => ({
    pod: podOf(scenario, pod),
    name,
    ip: SERVER_OF[name] ?? '203.0.113.200',
    atS,
    id: `question ${index}`,
  }))
  return [...forCalls, ...forNothing]
}

/** Lines of CoreDNS' plug-in `log`, as the runtime of its pod keeps them: who asked what, never the answer. */
export function corednsLines(scenario: Scenario, watcher: NameWatcher, baseMs: number): NameLine[] {
  return askedIn(scenario, watcher).map(({ pod, name, atS }) => {
    const time = new Date(Math.round(baseMs + atS * 1000)).toISOString()
    const line = `${time} stdout F [INFO] ${pod.ip}:41370 - 5 "A IN ${name}. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s`
    return { cluster: clusterOf(scenario, pod), line }
  })
}

/** DNS logs of Calico Enterprise: answers, by pod. */
export function calicoDnsLines(scenario: Scenario, watcher: NameWatcher, baseMs: number): NameLine[] {
  return askedIn(scenario, watcher).map(({ pod, name, ip, atS }) => {
    const startS = Math.floor((baseMs / 1000 + atS) / 60) * 60
    const line = JSON.stringify({
      start_time: startS,
      end_time: startS + 60,
      type: 'LOG',
      count: 1,
      client_ip: pod.ip,
      client_name: podName(pod),
      client_name_aggr: `${pod.workload}-7d9c8b6f5-*`,
      client_namespace: pod.namespace,
      qname: name,
      qtype: 'A',
      qclass: 'IN',
      rcode: 'NoError',
      rrsets: [{ name, type: 'A', class: 'IN', rdata: [ip] }],
    })
    return { cluster: clusterOf(scenario, pod), line }
  })
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
const whole = (key: string, value: number) => ({ key, value: { intValue: String(value) } })

/** One OTLP export (JSON) per cluster with the spans that the workloads send, true or not. */
export function traceBodies(scenario: Scenario, baseMs: number): NameLine[] {
  const clusters = new Map<string, object[]>()
  for (const [index, span] of (scenario.spans ?? []).entries()) {
    const pod = podOf(scenario, span.pod)
    const cluster = clusterOf(scenario, pod)
    const resource = {
      attributes: [
        text('service.name', pod.workload),
        text('k8s.namespace.name', pod.namespace),
        text('k8s.deployment.name', pod.workload),
        text('k8s.pod.name', podName(pod)),
        text('k8s.pod.ip', pod.ip),
      ],
    }
    const scopeSpans = [{ scope: { name: 'plant' }, spans: [spanOf(scenario, span, index, baseMs)] }]
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), { resource, scopeSpans }])
  }
  return [...clusters].map(([cluster, resourceSpans]) => ({ cluster, line: JSON.stringify({ resourceSpans }) }))
}

function spanOf({ name }: Scenario, span: TrueSpan, index: number, baseMs: number): object {
  const {
    host,
    port = 443,
    scheme = 'https',
    atS,
    isAi = true,
    provider,
    path = '/v1/chat/completions',
    status,
    error,
  } = span
  const startNs = BigInt(Math.round(baseMs + atS * 1000)) * 1_000_000n
  const id = uuidOf(`${name} span ${index}`).replaceAll('-', '')
  return {
    traceId: id,
    spanId: id.slice(0, 16),
    name: isAi ? 'chat some-model' : 'POST',
    kind: 3,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 800_000_000n),
    attributes: [
      text('server.address', host),
      whole('server.port', port),
      text('url.scheme', scheme),
      text('url.full', `${scheme}://${host}:${port}${path}`),
      text('http.request.method', 'POST'),
      ...(isAi ? [text('gen_ai.operation.name', 'chat'), text('gen_ai.request.model', 'some-model')] : []),
      ...(provider === undefined ? [] : [text('gen_ai.provider.name', provider)]),
      ...(status === undefined ? [] : [whole('http.response.status_code', status)]),
      ...(error === undefined ? [] : [text('error.type', error)]),
    ],
    status: error === undefined ? {} : { code: 2 },
  }
}
