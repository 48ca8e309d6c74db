import { describe, expect, it } from 'vitest'
import { peerOf } from './peer'
import { emitterOf } from './resource'
import type { WireValue } from './wire'

const attributes = (values: Record<string, WireValue>) => new Map(Object.entries(values))
const peer = (values: Record<string, WireValue>) => peerOf(attributes(values), 'client')

describe('peerOf', () => {
  it('takes the best name that the span has, new names before old ones', () => {
    const all: [string, WireValue][] = [
      ['service.peer.name', 'Payments'],
      ['peer.service', 'old-payments'],
      ['server.address', 'payments.example.com'],
      ['url.full', 'https://url.example.com/x'],
      ['http.url', 'https://old-url.example.com/x'],
      ['gen_ai.openai.api_base', 'https://base.example.com/v1'],
      ['net.peer.name', 'old.example.com'],
      ['network.peer.address', '10.0.0.7'],
      ['db.system', 'postgresql'],
    ]
    const names: string[] = []
    for (let from = 0; from < all.length; from += 1) {
      const found = peerOf(new Map(all.slice(from)), 'client')
      names.push(`${found?.name} by ${found?.namedBy}`)
    }
    expect(names).toEqual([
      'payments by peer.service',
      'old-payments by peer.service',
      'payments.example.com by server.address',
      'url.example.com by url',
      'old-url.example.com by url',
      'base.example.com by api_base',
      'old.example.com by server.address',
      '10.0.0.7 by network.peer.address',
      'postgresql by db',
    ])
  })

  it('a given service name keeps the host beside it, so that the provider is still known', () => {
    expect(peer({ 'peer.service': 'openai', 'url.full': 'https://api.openai.com/v1' })).toEqual({
      name: 'openai',
      namedBy: 'peer.service',
      host: 'api.openai.com',
      port: 443,
    })
  })

  it.each([
    ['https://user:pw@API.Example.com:8443/v1?key=s#f', 'api.example.com', 8443],
    ['http://[2001:DB8::1]/x', '2001:db8::1', 80],
    ['https://example.com.', 'example.com', 443],
    ['wss://a@b@realtime.example.com?x=@evil', 'realtime.example.com', 443],
    ['https://exa\u0000mple.com', 'exa mple.com', 443],
  ])('of the URL %s only host and port stay', (url, name, port) => {
    expect(peer({ 'url.full': url })).toMatchObject({ name, port, namedBy: 'url' })
  })

  it('an address may hold its port, a URL, or a socket path', () => {
    expect(peer({ 'server.address': 'gateway:4000' })).toMatchObject({ name: 'gateway', port: 4000 })
    expect(peer({ 'server.address': '[::1]:4000' })).toMatchObject({ name: '::1', port: 4000, ip: '::1' })
    expect(peer({ 'server.address': '2001:db8::2' })).toMatchObject({ name: '2001:db8::2', ip: '2001:db8::2' })
    expect(peer({ 'server.address': '::ffff:10.1.2.3' })).toMatchObject({ name: '10.1.2.3', ip: '10.1.2.3' })
    expect(peer({ 'server.address': 'https://k:s@api.groq.com/openai?x' })).toMatchObject({ name: 'api.groq.com' })
    expect(peer({ 'server.address': '/var/run/docker.sock' })).toBeUndefined()
  })

  it.each(['unknown', 'UNKNOWN', 'none', '', '  ', '-', 'unknown_service:node', 'undefined'])(
    'never names a peer "%s"',
    (word) => {
      expect(peer({ 'peer.service': word })).toBeUndefined()
      expect(peer({ 'peer.service': word, 'server.address': 'api.x.ai' })?.name).toBe('api.x.ai')
    },
  )

  it('a span that receives has no peer: its server.address is itself', () => {
    const values = attributes({ 'server.address': '10.0.0.1', 'network.peer.address': '10.0.0.2' })
    expect([peerOf(values, 'server'), peerOf(values, 'consumer')]).toEqual([undefined, undefined])
  })

  it('the port is that of the server, not of a proxy’s socket, and 443 where a GenAI span leaves it out', () => {
    expect(peer({ 'server.address': 'api.openai.com', 'server.port': '443', 'network.peer.port': 3128 })?.port).toBe(
      443,
    )
    expect(peer({ 'server.address': 'a.example', 'url.scheme': 'http', 'network.peer.port': 3128 })?.port).toBe(80)
    expect(peer({ 'server.address': 'a.example', 'server.port': 99999 })?.port).toBeUndefined()
    expect(peerOf(attributes({ 'server.address': 'api.openai.com' }), 'client', true)?.port).toBe(443)
    expect(peerOf(attributes({ 'server.address': '10.0.0.9' }), 'client', true)?.port).toBeUndefined()
  })

  it('a database without a host is named by system and name, one inside the process not at all', () => {
    expect(peer({ 'db.system.name': 'PostgreSQL', 'db.namespace': 'Shop' })?.name).toBe('postgresql/shop')
    expect(peer({ 'db.system': 'redis', 'db.namespace': '0' })?.name).toBe('redis')
    expect(peer({ 'db.system': 'sqlite', 'db.name': 'x' })).toBeUndefined()
  })
})

describe('emitterOf', () => {
  const workload = (values: Record<string, WireValue>) => {
    const { namespace, name, workloadKind } = emitterOf(attributes(values)).workload
    return [namespace, name, workloadKind]
  }

  it('names the workload by its owner, else its pod, else its service', () => {
    const k8s = { 'k8s.namespace.name': 'ai', 'service.name': 'svc', 'service.namespace': 'other' }
    const pod = { ...k8s, 'k8s.pod.name': 'agent-7b5c6d7f9c-q8xzt' }
    const replicaSet = { ...pod, 'k8s.replicaset.name': 'agent-7b5c6d7f9c' }
    expect(workload({ ...replicaSet, 'k8s.deployment.name': 'agent' })).toEqual(['ai', 'agent', 'Deployment'])
    expect(workload(replicaSet)).toEqual(['ai', 'agent', 'Deployment'])
    expect(workload({ ...k8s, 'k8s.job.name': 'n-1', 'k8s.cronjob.name': 'n' })).toEqual(['ai', 'n', 'CronJob'])
    expect(workload({ ...k8s, 'k8s.statefulset.name': 'redis' })).toEqual(['ai', 'redis', 'StatefulSet'])
    expect(workload({ ...k8s, 'k8s.daemonset.name': 'logs' })).toEqual(['ai', 'logs', 'DaemonSet'])
    expect(workload(pod)).toEqual(['ai', 'agent', undefined])
    expect(workload(k8s)).toEqual(['ai', 'svc', undefined])
    expect(workload({ 'service.name': 'svc', 'service.namespace': 'shop' })).toEqual(['shop', 'svc', undefined])
    expect(workload({ 'service.name': 'svc' })).toEqual(['', 'svc', undefined])
  })

  it('an unnamed service is named by its host, which in a container is its pod', () => {
    expect(workload({ 'service.name': 'unknown_service:node', 'host.name': 'agent-7b5c6d7f9c-q8xzt' })).toEqual([
      '',
      'agent',
      undefined,
    ])
    expect(workload({})).toEqual(['', 'unknown_service', undefined])
  })

  it('keeps pod, address and cluster', () => {
    expect(
      emitterOf(attributes({ 'k8s.pod.name': 'redis-0', 'k8s.pod.ip': '::ffff:10.1.1.1', 'k8s.cluster.name': 'prod' })),
    ).toMatchObject({ cluster: 'prod', workload: { name: 'redis', pod: 'redis-0', ip: '10.1.1.1' } })
  })
})
