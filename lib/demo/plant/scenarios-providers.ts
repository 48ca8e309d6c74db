import { BOTH_HOPS, callMaker, HUBBLE } from './build'
import {
  ANTHROPIC,
  among,
  call,
  DEEPSEEK,
  ENTERPRISE,
  found,
  history,
  MISTRAL,
  OPENAI,
  one,
  otherSpans,
  PODS,
  some,
} from './cast'
import type { Scenario } from './world'

const HUBBLE_DNS = { kind: 'hubble-dns' } as const
const CALICO_DNS = { kind: 'calico-dns' } as const
const WITHOUT_NAMES = { ...HUBBLE, hasNames: false } as const
const ENTERPRISE_WITHOUT_NAMES = { ...ENTERPRISE, hasDomains: false } as const
const FINE_ENTERPRISE = { kind: 'calico-enterprise', aggregation: 0 } as const
const newcomer = { ...PODS.web, namespace: 'ml', fromS: -60 }

/** Detectors of calls to providers: D2, D5 to D9. */
export const PROVIDER_SCENARIOS: readonly Scenario[] = [
  among(
    'd2-key-in-the-clear',
    'fine, is bad',
    'An agent calls OpenAI by plain HTTP, as its span says: the key is on the wire.',
    {
      pods: one,
      calls: [call('plain', 'agent', { port: 80 })],
      observers: [HUBBLE, ...BOTH_HOPS],
      spans: [{ pod: 'agent', host: OPENAI, port: 80, scheme: 'http', atS: 0.1 }],
      finds: [found('D2', 'OpenAI', 'critical')],
    },
  ),
  among('d2-port-80', 'fine, is bad', 'Enterprise counts a body of bytes to port 80 of Mistral.', {
    pods: one,
    calls: [call('plain', 'agent', { port: 80, host: MISTRAL, bytesOut: 90_000 })],
    observers: [FINE_ENTERPRISE],
    finds: [found('D2', 'Mistral AI', 'medium')],
  }),
  among(
    'd2-redirect',
    'bad, is fine',
    'A client that is redirected from port 80: a few bytes, and then TLS. Low, and possible.',
    {
      pods: one,
      calls: [
        call('redirect', 'agent', { atS: 5, port: 80, bytesOut: 180, bytesIn: 300 }),
        call('real', 'agent', { atS: 7, bytesOut: 9000 }),
      ],
      observers: [FINE_ENTERPRISE, ...BOTH_HOPS],
      finds: [found('D2', 'OpenAI', 'low')],
    },
  ),
  among('d2-stopped-in-the-clear', 'bad, is fine', 'The same try, and a policy stops it: nothing was sent.', {
    pods: one,
    calls: [call('plain', 'agent', { port: 80, fate: 'blocked' })],
    guards: { D2: 'd2-key-in-the-clear' },
  }),
  among('d2-shop-in-the-clear', 'bad, is fine', 'A shop is called by plain HTTP: nobody’s key.', {
    pods: one,
    calls: [call('plain', 'agent', { port: 80, host: 'shop.example.com', bytesOut: 90_000 })],
    observers: [FINE_ENTERPRISE],
    guards: { D2: 'd2-port-80' },
  }),

  among(
    'd5-new-provider',
    'fine, is bad',
    'A workload that called OpenAI for a week calls Mistral for the first time.',
    {
      isWatchedSinceBefore: true,
      pods: one,
      calls: [...history(OPENAI), call('usual', 'agent'), call('new', 'agent', { atS: 60, host: MISTRAL })],
      finds: [found('D5', 'Mistral AI', 'low')],
    },
  ),
  among('d5-new-and-not-approved', 'fine, is bad', 'The same in a cluster of Calico, and the provider is not wanted.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI), call('new', 'agent', { host: DEEPSEEK })],
    observers: [ENTERPRISE],
    finds: [found('D5', 'DeepSeek', 'medium')],
  }),
  among(
    'd5-new-workload',
    'bad, is fine',
    'A workload of this hour calls its provider for the first time: told, and no alarm.',
    {
      isWatchedSinceBefore: true,
      pods: [...one, newcomer],
      calls: [...history(OPENAI), callMaker([newcomer])('first', 'web', { clientPort: 44_000 })],
      finds: [{ detector: 'D5', workload: 'ml/web', target: 'OpenAI', severity: 'info' }],
    },
  ),
  among('d5-other-host-of-it', 'bad, is fine', 'OpenAI’s European host after a week of the other one: nobody new.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI), call('other', 'agent', { host: 'eu.api.openai.com' })],
    guards: { D5: 'd5-new-provider' },
  }),
  among(
    'd5-watched-since-today',
    'bad, is fine',
    'The week is on record, and nobody looked at it then: what is new is not known.',
    {
      pods: one,
      calls: [...history(OPENAI), call('new', 'agent', { host: MISTRAL })],
      guards: { D5: 'd5-new-provider' },
    },
  ),
  among('d5-new-page', 'bad, is fine', 'A shop that was never called before is no provider.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI), call('new', 'agent', { host: 'shop.example.com' })],
    observers: [ENTERPRISE],
    guards: { D5: 'd5-new-and-not-approved' },
  }),

  among('d6-keeps-trying', 'fine, is bad', 'A policy stops an agent in each quarter of the hour.', {
    pods: one,
    calls: [-1700, -800, 100].map((atS, at) => call(`try-${at}`, 'agent', { atS, host: DEEPSEEK, fate: 'blocked' })),
    finds: [found('D6', 'DeepSeek', 'medium')],
    guards: { D16: 'd16-denied-provider' },
  }),
  among('d6-denied-elsewhere', 'bad, is fine', 'A policy denies a shop’s address, which is no provider’s.', {
    pods: one,
    calls: [call('denied', 'agent', { host: 'shop.example.com', fate: 'blocked' })],
    guards: { D6: 'd6-keeps-trying' },
  }),

  among('d7-shadow-call', 'fine, is bad', 'An instrumented workload’s call to OpenAI is in no trace of it.', {
    pods: some('agent', 'web'),
    calls: [call('shadow', 'agent')],
    spans: otherSpans,
    finds: [found('D7', 'OpenAI', 'low')],
  }),
  among('d7-shadow-by-enterprise', 'fine, is bad', 'The same in a cluster of Calico Enterprise.', {
    pods: some('agent', 'web'),
    calls: [call('shadow', 'agent', { host: MISTRAL })],
    observers: [ENTERPRISE],
    spans: otherSpans,
    finds: [found('D7', 'Mistral AI', 'low')],
  }),
  among('d7-not-instrumented', 'bad, is fine', 'A workload without any span beside one that has: nothing is hidden.', {
    pods: some('agent', 'web'),
    calls: [call('silent', 'agent')],
    spans: [{ pod: 'web', host: 'shop.example.com', atS: 5, isAi: false }],
    guards: { D7: 'd7-shadow-call' },
  }),
  among('d7-a-span-tells', 'bad, is fine', 'Among its spans is one of the call.', {
    pods: some('agent', 'web'),
    calls: [call('told', 'agent')],
    spans: [...otherSpans, { pod: 'agent', host: OPENAI, atS: 0.1 }],
    guards: { D7: 'd7-shadow-call', D17: 'd17-other-host' },
  }),
  among('d7-span-of-another-host-of-it', 'bad, is fine', 'The span names another host of the same provider.', {
    pods: some('agent', 'web'),
    calls: [call('told', 'agent')],
    observers: [ENTERPRISE],
    spans: [...otherSpans, { pod: 'agent', host: 'eu.api.openai.com', atS: 0.1 }],
    guards: { D7: 'd7-shadow-by-enterprise', D17: 'd17-other-host' },
  }),

  among('d8-asked-and-not-called', 'as it is', 'A pod asks for OpenAI’s name and calls nobody.', {
    pods: one,
    calls: [call('other', 'agent', { host: 'shop.example.com', atS: 400 })],
    questions: [{ pod: 'agent', name: OPENAI, atS: 60 }],
    observers: [HUBBLE, HUBBLE_DNS],
    finds: [found('D8', 'OpenAI', 'info')],
  }),
  among('d8-as-calico-tells-it', 'as it is', 'The same by the DNS log of Calico Enterprise.', {
    pods: one,
    calls: [call('other', 'agent', { host: 'shop.example.com', atS: 400 })],
    questions: [{ pod: 'agent', name: MISTRAL, atS: 60 }],
    observers: [ENTERPRISE, CALICO_DNS],
    finds: [found('D8', 'Mistral AI', 'info')],
  }),
  among('d8-asked-and-called', 'as it is', 'A pod asks and calls.', {
    pods: one,
    calls: [call('called', 'agent')],
    observers: [HUBBLE, HUBBLE_DNS],
    guards: { D8: 'd8-asked-and-not-called' },
  }),
  among('d8-asked-and-stopped', 'bad, is fine', 'A pod asks and calls, and a policy stops it: a flow followed.', {
    pods: one,
    calls: [call('stopped', 'agent', { fate: 'blocked' })],
    observers: [HUBBLE, HUBBLE_DNS],
    guards: { D8: 'd8-asked-and-not-called' },
  }),
  among(
    'd8-nameless-flow-follows',
    'bad, is fine',
    'It asks, and calls an address that nobody could name: it may be that one.',
    {
      pods: one,
      calls: [call('nameless', 'agent', { host: 'shop.example.com', asked: [], atS: 400 })],
      questions: [{ pod: 'agent', name: MISTRAL, atS: 60 }],
      observers: [ENTERPRISE, CALICO_DNS],
      guards: { D8: 'd8-as-calico-tells-it' },
    },
  ),
  among('d8-questions-alone', 'bad, is fine', 'CoreDNS logs questions, and no answer: nobody knows what was told.', {
    pods: one,
    calls: [call('other', 'agent', { host: 'shop.example.com', atS: 400 })],
    questions: [{ pod: 'agent', name: OPENAI, atS: 60 }],
    observers: [HUBBLE, { kind: 'coredns' }],
    guards: { D8: 'd8-asked-and-not-called' },
  }),

  among(
    'd9-as-calico-tells-it',
    'fine, is bad',
    'An address of Anthropic’s that nobody asked for, by Enterprise’s logs.',
    {
      pods: one,
      calls: [
        call('named', 'agent', { host: MISTRAL }),
        call('unnamed', 'agent', { host: ANTHROPIC, asked: [], atS: 130 }),
      ],
      observers: [ENTERPRISE, CALICO_DNS],
      finds: [found('D9', 'Anthropic', 'low')],
    },
  ),
  among('d9-nobody-watches-dns', 'bad, is fine', 'The same where nobody sees questions.', {
    pods: one,
    calls: [call('unnamed', 'agent', { host: ANTHROPIC })],
    observers: [WITHOUT_NAMES],
    guards: { D9: 'hard-coded-address' },
  }),
  among('d9-asked-for', 'bad, is fine', 'The address was asked for, as the DNS log tells, if not the flow log.', {
    pods: one,
    calls: [call('asked', 'agent', { host: ANTHROPIC })],
    observers: [WITHOUT_NAMES, HUBBLE_DNS],
    guards: { D9: 'hard-coded-address' },
  }),
  among(
    'd9-address-of-many',
    'bad, is fine',
    'OpenAI’s address is its front’s, which serves many: without a name it is nobody’s.',
    {
      pods: one,
      calls: [call('named', 'agent', { host: MISTRAL }), call('unnamed', 'agent', { asked: [], atS: 130 })],
      observers: [ENTERPRISE_WITHOUT_NAMES, CALICO_DNS],
      guards: { D9: 'd9-as-calico-tells-it' },
    },
  ),
]
