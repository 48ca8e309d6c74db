import { describe, expect, it } from 'vitest'
import { WATCHED_KINDS } from '../kubernetes/kinds'
import { readObject } from '../kubernetes/read-object'
import { readPod } from '../kubernetes/read-pod'
import { type FramedMessage, SyslogFramer } from '../syslog/frame-syslog'
import { readSyslogMessages } from '../syslog/read-messages'
import { faultsOf, pollution } from './faults'
import { mutateBytes, mutateValue, pick, seededRandom } from './mutate'
import { VALUE_SEEDS } from './seeds'

const LIMIT = 2048

const told = (message: FramedMessage): string =>
  'bytes' in message
    ? `= ${Buffer.from(message.bytes).toString('latin1')}`
    : 'broken' in message
      ? 'broken'
      : 'too long'

function frame(pieces: readonly Uint8Array[]): FramedMessage[] {
  const framer = new SyslogFramer(LIMIT)
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.finish()]
}

/** RFC 6587 on the whole text of a connection, slowly: counted where digits, a space and a message begin, else up to LF. */
function referenceFrames(whole: string): string[] {
  const out: string[] = []
  let rest = whole
  let wasCounted = false
  for (;;) {
    rest = rest.replace(/^[\n\r\0 ]+/, '')
    if (rest === '') return out
    const count = /^([1-9]\d{0,9}) [<{]/.exec(rest)?.[1]
    if (count) {
      const length = Number(count)
      if (length > LIMIT * 16) return [...out, 'broken']
      const from = count.length + 1
      if (length > LIMIT) out.push('too long')
      else if (rest.length - from < length) return [...out, `= ${rest}`]
      else out.push(`= ${rest.slice(from, from + length)}`)
      rest = rest.slice(from + length)
      wasCounted = true
      continue
    }
    if (wasCounted && !/^[<{]/.test(rest)) return [...out, 'broken']
    wasCounted = false
    const lf = rest.indexOf('\n')
    const line = lf < 0 ? rest : rest.slice(0, lf)
    out.push(line.length > LIMIT ? 'too long' : `= ${line}`)
    if (lf < 0) return out
    rest = rest.slice(lf + 1)
  }
}

const HEADS = [
  '<134>1 2026-11-24T10:00:00.000Z host app - - - ',
  '<134>1 - h a - - [x@1 a="\\]\\""] ',
  '<13>Nov 24 10:00:00 h tag[1]: ',
  '',
]
const SYSLOG_SEEDS: readonly Uint8Array[] = (VALUE_SEEDS.calico ?? []).slice(0, 8).flatMap((value, index) => {
  const text = `${HEADS[index % HEADS.length]}${JSON.stringify(value)}`
  const counted = `${Buffer.byteLength(text)} ${text}`
  return [`${text}\n${text}\n`, counted + counted, `${counted}\n${text}\n${counted}`].map((body) => Buffer.from(body))
})

describe('syslog, whatever comes in', () => {
  it('seeds give their records', () => {
    for (const seed of SYSLOG_SEEDS) expect(readSyslogMessages(frame([seed])).records.length).toBeGreaterThan(0)
  })

  it('any bytes, cut anywhere, are framed as a slow reader frames them, and each message is accounted for', () => {
    const seed = 20_261_126
    const random = seededRandom(seed)
    for (let round = 0; round < 5_000; round += 1) {
      const body = mutateBytes(pick(random, SYSLOG_SEEDS) ?? Buffer.alloc(0), SYSLOG_SEEDS, random)
      const cut = Math.floor(random() * body.length)
      const why = `seed ${seed}, round ${round}: ${Buffer.from(body).toString('latin1')}`
      const messages = frame([body.subarray(0, cut), body.subarray(cut)])
      expect(messages.map(told), why).toEqual(referenceFrames(Buffer.from(body).toString('latin1')))
      const { records, rejects } = readSyslogMessages(messages)
      const lines = new Set([...records, ...rejects].map(({ line }) => line))
      expect(lines.size, why).toBe(messages.length)
      expect(faultsOf(rejects), why).toEqual([])
    }
    expect(pollution()).toEqual([])
  })
})

const META = {
  name: 'agent-7d9c8b6f5-x2x5v',
  namespace: 'ml',
  uid: '5f0c1b2e-0000-4000-8000-000000000006',
  resourceVersion: '12345',
  generation: 1,
  creationTimestamp: '2026-11-24T10:00:00Z',
  labels: { app: 'agent' },
  annotations: { 'egress.projectcalico.org/selector': 'x', secret: 'y' },
  ownerReferences: [{ kind: 'ReplicaSet', name: 'agent-7d9c8b6f5', uid: 'u', controller: true }],
}
const OBJECTS: readonly unknown[] = [
  {
    metadata: META,
    spec: { nodeName: 'n1', serviceAccountName: 'agent', hostNetwork: false },
    status: {
      phase: 'Succeeded',
      startTime: '2026-11-24T10:00:01Z',
      podIP: '10.0.0.7',
      podIPs: [{ ip: '10.0.0.7' }, { ip: 'fd00::7' }],
      conditions: [{ type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-11-24T10:00:02Z' }],
      containerStatuses: [{ state: { terminated: { finishedAt: '2026-11-24T11:00:00Z' } } }],
    },
  },
  {
    metadata: { ...META, name: 'security.deny-all' },
    spec: {
      tier: 'security',
      selector: 'all()',
      types: ['Ingress', 'Egress'],
      egress: [{ action: 'Allow', destination: { nets: ['10.0.0.0/8'] }, http: { paths: [{ exact: '/a' }] } }],
      podSelector: { matchLabels: { app: 'x' } },
      endpointSelector: {},
      rules: [{ matches: [{ headers: [{ name: 'x', value: 'secret' }] }] }],
    },
    specs: [{ endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'api.openai.com' }] }] }],
    status: {
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      loadBalancer: { ingress: [{ ip: '1.2.3.4' }] },
    },
  },
]

describe('objects of Kubernetes, whatever comes in', () => {
  it('nothing throws, and what is kept is plain JSON', () => {
    const seed = 20_261_127
    const random = seededRandom(seed)
    for (let round = 0; round < 4_000; round += 1) {
      const object = mutateValue(pick(random, OBJECTS), OBJECTS, random)
      const why = `seed ${seed}, round ${round}: ${(JSON.stringify(object) ?? '').slice(0, 4000)}`
      const pod = readPod(object, () => undefined, 1_790_000_000_000)
      expect(faultsOf(pod?.sighting), why).toEqual([])
      const watched = pick(random, WATCHED_KINDS)
      const api = watched?.apis[0]
      const kept = watched && api && readObject(watched, api, object)
      // What is kept of a body goes through `storeJson`, which cleans it: it has only to be JSON.
      if (kept && kept !== 'foreign') expect(JSON.stringify(kept).length, why).toBeLessThan(300_000)
    }
    expect(pollution()).toEqual([])
  })
})
