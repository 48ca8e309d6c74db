/**
 * Labels that meshes put on the pods that they have taken in, or on their namespaces, as Cilium hands those on. Istio sidecars and
 * ambient: https://istio.io/latest/docs/reference/config/labels/ · Linkerd: https://linkerd.io/2/reference/proxy-metrics/ · Kuma:
 * https://kuma.io/docs/latest/reference/kubernetes-annotations/
 */
const MEMBERSHIP: readonly { readonly key: string; readonly values?: readonly string[] }[] = [
  { key: 'security.istio.io/tlsMode', values: ['istio'] },
  { key: 'sidecar.istio.io/inject', values: ['true'] },
  { key: 'istio.io/dataplane-mode', values: ['ambient'] },
  { key: 'linkerd.io/control-plane-ns' },
  { key: 'kuma.io/sidecar-injection', values: ['enabled', 'true'] },
]
const OF_NAMESPACE = 'io.cilium.k8s.namespace.labels.'

/** True where labels say that a mesh may carry the pod's connections with mTLS: possible, not proven. */
export function isInMesh(labels: Readonly<Record<string, string>>): boolean {
  return MEMBERSHIP.some(({ key, values }) =>
    [key, OF_NAMESPACE + key].some((name) => {
      const value = Object.hasOwn(labels, name) ? labels[name] : undefined
      return value !== undefined && value !== '' && (values?.includes(value) ?? true)
    }),
  )
}
