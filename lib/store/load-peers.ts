import 'server-only'
import type { EndpointClass } from '@/lib/model/endpoint'
import { query } from './client'

/** An endpoint as the dictionary and the newest records have it. */
export interface PeerRow {
  readonly id: string
  readonly cluster: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
  /** `k=v` labels of one of its pods; {} where none are told. */
  readonly labels: Readonly<Record<string, string>>
  /** It emitted spans with GenAI facts, whenever that was. */
  readonly emitsAiSpans: boolean
}

/** The endpoints of these ids; unknown ones are missing. Index: primary keys. */
export function loadPeers(ids: readonly string[]): Promise<PeerRow[]> {
  if (ids.length === 0) return Promise.resolve([])
  return query<PeerRow>(
    `SELECT e.id::text, e.cluster, e.class, e.namespace, e.name, coalesce(f.labels, '{}') AS labels, coalesce(f.ai_role_by = 'span', false) AS "emitsAiSpans"
     FROM endpoint e LEFT JOIN endpoint_fact f ON f.endpoint_id = e.id WHERE e.id = ANY($1::bigint[])`,
    [ids],
  )
}
