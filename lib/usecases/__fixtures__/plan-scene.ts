import 'server-only'
import type { OwnProvider } from '@/lib/model/provider-schema'
import { query } from '@/lib/store/client'
import { listPolicies } from '../list-policies'
import { loadMatrixCell } from '../load-matrix-cell'
import { loadPolicyDetail } from '../load-policy-detail'
import { queryMatrix } from '../query-matrix'

/** The matrix of a window, and what is behind its first cell. */
export async function matrixAndCell(
  dataset: string,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const all = { cluster: '', namespaces: [], providers: [], states: [], text: '', from: 0 }
  const [cell] = (await queryMatrix(dataset, range, all)).cells
  if (!cell) throw new Error('no connection of the window was seeded')
  const context = { baseUrl: 'http://localhost', formatTime: String }
  await loadMatrixCell({ dataset, window: range, row: cell.row, column: cell.column }, context)
}

/** What one policy of records did, over time too. */
export async function policiesAndOne(
  dataset: string,
  range: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): Promise<void> {
  const asked = { dataset, ...range, windowMs: 0 }
  const line = (await listPolicies(asked, nowMs)).lines.find(({ use }) => use === 'hit')
  if (!line) throw new Error('no policy of the window was seeded')
  await loadPolicyDetail(asked, line.id, nowMs)
}

/** The edge with an open finding that was judged last, and its ends. */
export const subject = async (dataset: string) => {
  const [row] = await query<{ id: string; client: string; server: string }>(
    `SELECT e.id::text, e.client_id::text AS client, e.server_id::text AS server FROM egress_connection c JOIN edge e ON e.id = c.edge_id
     JOIN finding f ON f.edge_ids @> ARRAY[e.id] AND f.status = 'open' WHERE c.dataset = $1
       AND NOT EXISTS (SELECT FROM edge_variant v WHERE v.edge_id = e.id AND v.source = 'calico') ORDER BY c.last_at DESC LIMIT 1`,
    [dataset],
  )
  if (!row) throw new Error('no edge with a finding was seeded')
  return row
}

/** A denial that no rule explains. */
export const DENIED = {
  id: '1',
  source: 'hubble',
  observer: 'client',
  outcome: 'denied',
  basis: 'default',
  pending: 'same',
  layer: 'L4',
  enforced: [],
  counters: { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
} as const
export const OWN_PROVIDER: OwnProvider = {
  id: 'litellm-prod',
  extends: false,
  name: 'LiteLLM',
  category: 'gateway',
  hosts: [{ host: 'llm.example.com', role: 'inference', aiExclusive: true }],
  allowListHow: 'in its own settings',
}
/** An answer as Calico Enterprise logs it. */
export const dnsAnswer = (atMs: number, ip: string) => ({
  start_time: Math.floor(atMs / 1000) - 100,
  end_time: Math.floor(atMs / 1000) - 100,
  type: 'log',
  client_name: '-',
  client_namespace: 'ml',
  qname: 'api.openai.com',
  rcode: 'NoError',
  rrsets: [{ name: 'api.openai.com', class: 'IN', type: 'A', rdata: [ip] }],
})
