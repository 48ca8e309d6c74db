import { describe, expect, it } from 'vitest'
import { isInMesh } from './mesh'

describe('membership in a mesh', () => {
  it.each<Readonly<Record<string, string>>>([
    { 'security.istio.io/tlsMode': 'istio' },
    { 'sidecar.istio.io/inject': 'true' },
    { 'istio.io/dataplane-mode': 'ambient' },
    { 'io.cilium.k8s.namespace.labels.istio.io/dataplane-mode': 'ambient' },
    { 'linkerd.io/control-plane-ns': 'linkerd' },
    { 'kuma.io/sidecar-injection': 'enabled' },
  ])('is told by %j', (labels) => {
    expect(isInMesh({ app: 'a', ...labels })).toBe(true)
  })
  it.each<Readonly<Record<string, string>>>([
    {},
    { 'sidecar.istio.io/inject': 'false' },
    { 'istio.io/dataplane-mode': 'none' },
    { 'security.istio.io/tlsMode': 'disabled' },
    { 'linkerd.io/control-plane-ns': '' },
    { 'app.kubernetes.io/name': 'istio' },
    JSON.parse('{"__proto__": {"linkerd.io/control-plane-ns": "x"}}'),
  ])('is not told by %j', (labels) => {
    expect(isInMesh(labels)).toBe(false)
  })
})
