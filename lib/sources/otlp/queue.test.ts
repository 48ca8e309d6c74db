import { describe, expect, it } from 'vitest'
import type { SpanKind } from '@/lib/model/span'
import { entryOf } from './entry'
import { queueOf } from './queue'
import type { WireValue } from './wire'

const attributes = (values: Record<string, WireValue>) => new Map(Object.entries(values))
const queue = (values: Record<string, WireValue>, kind: SpanKind = 'producer') =>
  queueOf(attributes({ 'messaging.system': 'Kafka', 'messaging.destination.name': 'orders', ...values }), kind)

describe('queueOf', () => {
  it.each<[SpanKind, string | undefined, string | undefined]>([
    ['producer', undefined, 'send'],
    ['producer', 'create', 'send'],
    ['consumer', undefined, 'process'],
    ['consumer', 'process', 'process'],
    ['consumer', 'receive', 'receive'],
    ['client', 'send', 'send'],
    ['client', 'publish', 'send'],
    ['client', 'receive', 'receive'],
    ['client', 'settle', 'receive'],
    ['client', undefined, undefined],
    ['internal', 'process', undefined],
  ])('%s, %s: it does %s', (kind, operation, does) => {
    expect(queue({ 'messaging.operation.type': operation ?? null }, kind)).toEqual(
      does && { name: 'kafka/orders', does },
    )
  })

  it('old names are read, a queue’s address loses all but its name, and a reply queue is none', () => {
    const old = { 'messaging.destination.name': '', 'messaging.destination': 'mails', 'messaging.operation': 'receive' }
    expect(queue(old, 'consumer')).toEqual({ name: 'kafka/mails', does: 'receive' })
    const url = 'https://sqs.eu-central-1.amazonaws.com/123/jobs?x=y'
    expect(queue({ 'messaging.destination.name': url })?.name).toBe('kafka/jobs')
    expect(queue({ 'messaging.destination.name': 'user:password@orders' })).toBeUndefined()
    expect(queue({ 'messaging.destination.temporary': true })).toBeUndefined()
    expect(queue({ 'messaging.system': '' })).toBeUndefined()
  })
})

describe('entryOf', () => {
  it('new names before old ones, addresses canonical, what the process listens on apart from what was addressed', () => {
    const values = {
      'client.address': '::ffff:10.1.1.1',
      'http.client_ip': '10.9.9.9',
      'net.sock.peer.addr': '2001:DB8::1',
      'net.sock.host.port': 8080,
      'server.port': '80',
    }
    expect(entryOf(attributes(values))).toEqual({
      clientIp: '10.1.1.1',
      peerIp: '2001:db8::1',
      listenPort: 8080,
      port: 80,
    })
    expect(entryOf(attributes({ 'client.address': 'someone', 'server.port': 99_999 }))).toEqual({})
  })
})
