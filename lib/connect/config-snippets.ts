import { yamlScalar } from './quote'
import type { Snippet } from './snippet'

/** An entry of `paths`: which hop is the last NAT of a cluster. */
export const pathSnippet = (cluster: string, hop: string): Snippet => ({
  title: 'In the egress settings (POSTERN_CONFIG): the way that packets take',
  command: `paths:
  - name: ${yamlScalar(cluster)}
    clusters: [${yamlScalar(cluster)}]
    hops: [node, ${yamlScalar(hop)}]      # as ?hop= names them, in order
    final: ${yamlScalar(hop)}             # the last NAT before the internet`,
})

/** Lines of `map` of a path: these private addresses of its last NAT, each with its public one to fill in. */
export const mapSnippet = (path: string, privateAddresses: readonly string[]): Snippet => ({
  title: `In the egress settings: the public address behind each private one, on path ${path}`,
  command: `paths:
  - name: ${yamlScalar(path)}
    map:
${privateAddresses.map((ip) => `      ${/^[\d.]+$/.test(ip) ? ip : JSON.stringify(ip)}: PUBLIC-ADDRESS`).join('\n')}

# AWS says which:
aws ec2 describe-nat-gateways \\
  --query 'NatGateways[].NatGatewayAddresses[].[PrivateIp,PublicIp]'`,
})

/** Callers of audit records, each said to be a workload. */
export const principalSnippet = (
  path: string,
  workload: { readonly namespace: string; readonly name: string },
): Snippet => ({
  title: `In the egress settings: who calls as this workload, on path ${path}`,
  command: `paths:
  - name: ${yamlScalar(path)}
    principals:
      "arn:aws:sts::ACCOUNT:assumed-role/ROLE/*": ${JSON.stringify(`${workload.namespace}/${workload.name}`)}`,
})

/** A rule that covers these calls, with the door to fill in. */
export const ruleSnippet = (namespace: string, provider: string): Snippet => ({
  title: 'In the egress settings: the door by which these calls must leave',
  command: `egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [PUBLIC-ADDRESS/32] }
egressRules:
  - name: ${yamlScalar(`${namespace || 'all'}-ai`)}
    workloads: { namespaces: [${namespace ? yamlScalar(namespace) : ''}] }
    providers: [${provider === 'possible' ? "'*'" : yamlScalar(provider)}]
    egressPoints: [nat-a]`,
})
