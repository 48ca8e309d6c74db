import type { NodeClass } from '@/lib/model/graph'

/** What a node is, in words. */
export const CLASS_WORD: Readonly<Record<NodeClass, string>> = {
  workload: 'workload',
  host: 'cluster nodes',
  'kube-apiserver': 'Kubernetes API server',
  ingress: 'ingress',
  'network-set': 'network set',
  external: 'outside the cluster',
  internet: 'the internet, without a name',
  provider: 'AI provider',
  database: 'database, as traces name it',
  queue: 'message queue or topic',
  local: 'inside the pod, by its own address',
  caller: 'caller that no trace names',
  claimed: 'AI provider by the workload’s word; no host is known',
}

const ROLE_WORD: Readonly<Record<string, string>> = {
  agent: 'agent',
  'model-server': 'model server',
  gateway: 'gateway',
  'vector-store': 'vector store',
  app: 'AI app',
}

/** What a workload does with AI, in words. */
export const roleWord = (role: string): string => (Object.hasOwn(ROLE_WORD, role) ? (ROLE_WORD[role] ?? role) : role)
