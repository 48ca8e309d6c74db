import { describe, expect, it } from 'vitest'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EdgeFacts, PeerFacts } from './facts'
import { metNeeds, type NeedSigns } from './met-needs'

const source = (name: SourceCoverage['source'], change: Partial<SourceCoverage> = {}): SourceCoverage => ({
  source: name,
  cluster: 'c',
  acceptedInWindow: 1,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  isSilent: false,
  lostInWindow: 0,
  gapsInWindow: 0,
  ...change,
})
const peer = (change: Partial<PeerFacts>): PeerFacts => ({
  endpointId: '1',
  class: 'workload',
  namespace: 'ml',
  name: 'agent',
  label: 'ml/agent',
  labels: {},
  ips: [],
  ...change,
})
const COUNTERS = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const edge = (
  server: Partial<PeerFacts>,
  variant: Partial<EdgeFacts['variants'][number]> = {},
  serverPort = 443,
): EdgeFacts => ({
  edgeId: '1',
  client: peer({}),
  server: peer(server),
  protocol: 'tcp',
  serverPort,
  firstEverMs: 0,
  firstMs: 0,
  lastMs: 0,
  variants: [
    {
      id: '1',
      source: 'calico',
      observer: 'client',
      outcome: 'allowed',
      basis: 'not_reported',
      pending: 'same',
      layer: 'L4',
      counters: COUNTERS,
      firstMs: 0,
      lastMs: 0,
      ...variant,
    },
  ],
  slots: [],
  wire: { httpRequests: 0, encryptedRecords: 0, httpSpans: 0, httpsSpans: 0, hasMesh: false },
})
const INTERNET = { class: 'internet', namespace: '', name: '' } as const
const met = (signs: Partial<NeedSigns>) => [
  ...metNeeds('c', { coverage: [], paths: [], edges: [], hasDnsAnswers: false, aiSpans: 0, ...signs }),
]

describe('needs', () => {
  it.each<[string, Partial<NeedSigns>, readonly string[]]>([
    ['nothing is sent', {}, []],
    ['Hubble always tells addresses', { coverage: [source('hubble')] }, ['flows', 'addresses']],
    ['Goldmane without addresses', { coverage: [source('calico')], edges: [edge(INTERNET)] }, ['flows']],
    [
      'Calico, an address',
      { coverage: [source('calico')], edges: [edge({ class: 'external', name: '198.51.100.1' })] },
      ['flows', 'addresses'],
    ],
    [
      'Calico, a private network is no address',
      { coverage: [source('calico')], edges: [edge({ class: 'external', name: 'private network' })] },
      ['flows'],
    ],
    [
      'Calico, a network set has a name',
      { coverage: [source('calico')], edges: [edge({ class: 'network-set', name: 'openai' })] },
      ['flows', 'addresses'],
    ],
    ['one of two flow logs is silent', { coverage: [source('hubble', { isSilent: true }), source('calico')] }, []],
    ['another cluster', { coverage: [source('hubble', { cluster: 'd' })] }, []],
    ['NAT records', { coverage: [source('nat', { hop: 'nat-gw' })] }, ['nat-evidence']],
    ['NAT records that are silent', { coverage: [source('nat', { hop: 'nat-gw', isSilent: true })] }, []],
    ['a DNS log', { coverage: [source('dns')] }, ['dns']],
    ['DNS answers in flows', { hasDnsAnswers: true }, ['dns']],
    ['spans', { coverage: [source('otlp')] }, ['spans']],
    ['spans with GenAI facts', { coverage: [source('otlp')], aiSpans: 1 }, ['spans', 'ai-spans']],
    ['the inventory', { coverage: [source('kubernetes')] }, ['inventory']],
    ['HTTP that a proxy read', { coverage: [source('calico')], edges: [edge({}, { layer: 'L7' })] }, ['flows', 'l7']],
    ['DNS that a proxy read', { coverage: [source('calico')], edges: [edge({}, { layer: 'L7' }, 53)] }, ['flows']],
    [
      'a policy that is named',
      {
        coverage: [source('calico')],
        edges: [
          edge({}, { enforced: [{ kind: 'NetworkPolicy', namespace: 'a', tier: '', name: 'p', action: 'allow' }] }),
        ],
      },
      ['flows', 'policies'],
    ],
    [
      'a list that is empty states nothing',
      { coverage: [source('calico')], edges: [edge({}, { enforced: [] })] },
      ['flows'],
    ],
    [
      'a source that states that no policy applied',
      { coverage: [source('calico')], edges: [edge({}, { enforced: [], basis: 'no_policy' })] },
      ['flows', 'policies'],
    ],
    [
      'bytes',
      { coverage: [source('calico')], edges: [edge({}, { counters: { ...COUNTERS, bytesReceived: 1 } })] },
      ['flows', 'bytes'],
    ],
  ])('%s', (_name, signs, expected) => {
    expect(met(signs)).toEqual(expected)
  })
})
