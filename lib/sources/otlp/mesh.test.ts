import { describe, expect, it } from 'vitest'
import { meshEmitter, upstreamPlace } from './mesh'
import { peerOf } from './peer'
import { emitterOf } from './resource'
import type { WireValue } from './wire'

const attributes = (values: Record<string, WireValue>) => new Map(Object.entries(values))

describe('spans of a mesh’s proxies', () => {
  const upstream = (cluster: string) => upstreamPlace(attributes({ 'upstream_cluster.name': cluster }))

  it('a route names the callee, before the URL', () => {
    expect(upstream('outbound|9080||reviews.bookinfo.svc.cluster.local')).toEqual({
      name: 'reviews.bookinfo.svc.cluster.local',
      port: 9080,
    })
    expect(upstream('outbound|443|v1|api.openai.com')).toEqual({ name: 'api.openai.com', port: 443 })
    const span = {
      'upstream_cluster.name': 'outbound|9080||reviews.bookinfo.svc',
      'http.url': 'http://192.0.2.9:31653/x',
    }
    expect(peerOf(attributes(span), 'client')).toMatchObject({ name: 'reviews.bookinfo.svc', port: 9080 })
  })

  it.each(['inbound|9080||', 'PassthroughCluster', 'BlackHoleCluster', 'outbound|x||h', 'outbound|1||a|b', ''])(
    '%s is no route',
    (cluster) => {
      expect(upstream(cluster)).toBeUndefined()
    },
  )

  it('the proxy speaks for its workload; a resource of Kubernetes knows better', () => {
    const proxy = attributes({
      'istio.canonical_service': 'reviews',
      'istio.namespace': 'bookinfo',
      node_id: 'sidecar~10.244.0.14~reviews-v1-5b8f.bookinfo~bookinfo.svc.cluster.local',
    })
    const ofService = emitterOf(attributes({ 'service.name': 'reviews.bookinfo' }))
    expect(meshEmitter(ofService, proxy)).toMatchObject({
      workload: { namespace: 'bookinfo', name: 'reviews', ip: '10.244.0.14' },
      serviceName: 'reviews.bookinfo',
    })
    const known = emitterOf(attributes({ 'k8s.namespace.name': 'ns', 'k8s.deployment.name': 'reviews-v1' }))
    expect(meshEmitter(known, proxy)).toBe(known)
    expect(meshEmitter(ofService, attributes({ 'istio.namespace': 'bookinfo' }))).toBe(ofService)
  })
})
