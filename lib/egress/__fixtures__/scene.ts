import type { EgressConfig, EgressConnection, EgressPath, EgressRule } from '@/lib/model/egress'
import { buildEgressConfig } from '@/lib/egress/config'

/** The scene of the decision vectors, for tests: one rule, one path, one connection from ml/planner to OpenAI. */
export const T0 = 1_790_000_000_000

export const NAT_PATH: EgressPath = {
  name: 'aws-nat',
  clusters: [],
  hops: ['node-masquerade', 'aws-natgw'],
  finalHop: 'aws-natgw',
  publicByPrivate: {},
  origin: 'file',
}

export const RULE: EgressRule = {
  name: 'ml-through-nat',
  priority: 10,
  clusters: [],
  workloads: { namespaces: ['ml'], names: [], podLabels: {}, serviceAccounts: [], aiOnly: false },
  providers: ['openai'],
  hosts: [],
  egressPoints: [],
  sanctionedSources: [{ cidr: '203.0.113.10/32', name: 'nat-a' }],
  requireEvidence: 'C',
  mode: 'enforce',
  origin: 'file',
}

export const configOf = (parts: Partial<Pick<EgressConfig, 'rules' | 'paths' | 'points'>> = {}): EgressConfig =>
  buildEgressConfig({ points: [], paths: [NAT_PATH], rules: [RULE], deniedProviders: [], ...parts })

export const OPENAI: NonNullable<EgressConnection['provider']> = {
  providerId: 'openai',
  providerName: 'OpenAI',
  category: 'llm',
  host: 'api.openai.com',
  role: 'inference',
  pattern: 'exact',
  aiExclusive: true,
  matchedBy: 'flow-dns-name',
}

export const connectionOf = (parts: Partial<EgressConnection> = {}): EgressConnection => ({
  id: '1',
  cluster: 'prod-eu',
  workload: { namespace: 'ml', name: 'planner', labels: {}, isAi: true },
  clientIp: '10.244.1.7',
  clientPort: 41370,
  serverIp: '203.0.113.200',
  serverPort: 443,
  protocol: 'tcp',
  firstMs: T0,
  lastMs: T0 + 1000,
  provider: OPENAI,
  isBlocked: false,
  isBroken: false,
  ...parts,
})
