import { uuidOf } from '../hubble-lines'
import { ASKED_BEFORE_S, watches } from './sightings'
import { clusterOf, type NameWatcher, podName, podOf, type Scenario, type TrueSpan } from './world'

export interface NameLine {
  readonly cluster: string
  readonly line: string
}

/** Lines of CoreDNS' plug-in `log`, as the runtime of its pod keeps them: who asked what, never the answer. */
export function corednsLines(scenario: Scenario, watcher: NameWatcher, baseMs: number): NameLine[] {
  return asked(scenario, watcher, (call, name) => {
    const time = new Date(Math.round(baseMs + (call.atS - ASKED_BEFORE_S) * 1000)).toISOString()
    const { ip } = podOf(scenario, call.pod)
    return `${time} stdout F [INFO] ${ip}:41370 - 5 "A IN ${name}. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s`
  })
}

/** DNS logs of Calico Enterprise: answers, by pod. */
export function calicoDnsLines(scenario: Scenario, watcher: NameWatcher, baseMs: number): NameLine[] {
  return asked(scenario, watcher, (call, name) => {
    const pod = podOf(scenario, call.pod)
    const startS = Math.floor((baseMs / 1000 + call.atS - ASKED_BEFORE_S) / 60) * 60
    return JSON.stringify({
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
      rrsets: [{ name, type: 'A', class: 'IN', rdata: [call.serverIp] }],
    })
  })
}

function asked(
  scenario: Scenario,
  watcher: NameWatcher,
  write: (call: Scenario['calls'][number], name: string) => string,
): NameLine[] {
  return scenario.calls
    .filter((call) => watches(watcher, call))
    .flatMap((call) =>
      call.asked.map((name) => ({ cluster: clusterOf(scenario, podOf(scenario, call.pod)), line: write(call, name) })),
    )
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
  const { host, port = 443, scheme = 'https', atS, isAi = true, status, error } = span
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
      text('url.full', `${scheme}://${host}:${port}/v1/chat/completions`),
      text('http.request.method', 'POST'),
      ...(isAi ? [text('gen_ai.operation.name', 'chat'), text('gen_ai.request.model', 'some-model')] : []),
      ...(status === undefined ? [] : [whole('http.response.status_code', status)]),
      ...(error === undefined ? [] : [text('error.type', error)]),
    ],
    status: error === undefined ? {} : { code: 2 },
  }
}
