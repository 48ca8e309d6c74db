/** The demo cluster's doors: one sanctioned NAT gateway, which is the last hop, and the rule that AI traffic leaves by it. */
export const DEMO_EGRESS_YAML = `egressPoints:
  - name: nat-a
    kind: nat-gateway
    publicCidrs: [203.0.113.10/32]
paths:
  - name: demo
    clusters: [demo]
    hops: [node, nat-gw]
    final: nat-gw
egressRules:
  - name: ai-through-nat-a
    priority: 100
    clusters: [demo]
    workloads: { aiOnly: true }
    providers: ['*']
    egressPoints: [nat-a]
`
