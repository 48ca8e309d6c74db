import type { SourceName } from '@/lib/model/source-name'

/** A look at the sender of each source: what shows whether it has something to send, and what it was answered. */
export const LOOK_AT_SENDER: Readonly<Record<SourceName, string>> = {
  hubble: `kubectl -n kube-system exec daemonset/cilium -c cilium-agent -- hubble observe --last 1
kubectl -n kube-system logs deployment/hubble-relay --tail 20
kubectl -n postern-shipper logs daemonset/postern-hubble-fluent-bit --tail 20`,
  calico: `kubectl -n calico-system logs deployment/goldmane --tail 20
kubectl -n postern-shipper logs daemonset/postern-calico-fluent-bit --tail 20`,
  otlp: 'kubectl -n postern-shipper logs deployment/postern-otel --tail 20',
  dns: `kubectl -n kube-system logs deployment/coredns --tail 5
kubectl -n postern-shipper logs daemonset/postern-coredns-fluent-bit --tail 20`,
  nat: 'conntrack -E -e NEW -o extended,timestamp,id | head -n 3   # as root on the hop',
  kubernetes: 'kubectl auth can-i list pods --all-namespaces --as system:serviceaccount:postern:postern',
}

/** Whether the sender's clock is right. */
export const LOOK_AT_CLOCK = 'timedatectl status   # on the node that sends'

/** What a record that is too old for live data is kept in. */
export const KEEP_OLD = 'npm run postern -- import FILE --dataset NAME'

/** Whether the server and its database answer; by the path, from where the page is open. */
export const LOOK_AT_SERVER = 'curl -i ADDRESS/api/health/ready'
