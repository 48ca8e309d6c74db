import 'server-only'
import { hash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { IncidentSnapshot } from '@/lib/model/share'
import { appendAudit } from './audit-log'
import { canonicalJson } from './canonical-json'
import { withTransaction } from './client'
import { storeJson } from './store-json'

/** 8 MiB: far above what bounded lists add up to; a row that large would stall every page that opens it. */
const MAX_SNAPSHOT_BYTES = 8 * 1024 * 1024

/** Stores frozen evidence with its hash and answers the incident's id. Never changed afterwards, and outside retention. */
export async function saveIncident(
  snapshot: IncidentSnapshot,
  about: { readonly edgeId: string; readonly findingId?: string; readonly caseId?: string },
  actor: string,
): Promise<string> {
  // What is hashed is what is stored: texts that jsonb refuses are cleaned before.
  const stored: unknown = JSON.parse(storeJson(snapshot))
  const text = canonicalJson(stored)
  if (Buffer.byteLength(text) > MAX_SNAPSHOT_BYTES)
    throw new AppError('too_large', 'the evidence is larger than 8 MiB', { hint: 'Choose a shorter time range.' })
  return withTransaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO incident (id, title, finding_id, edge_id, case_id, snapshot, sha256)
       VALUES (gen_random_uuid(), $1, $2, $3, $4::uuid, $5::jsonb, $6) RETURNING id::text`,
      [
        snapshot.title,
        about.findingId ?? null,
        about.edgeId,
        about.caseId ?? null,
        text,
        hash('sha256', text, 'buffer'),
      ],
    )
    const id = rows[0]?.id
    if (!id) throw new Error('the incident was not stored')
    const detail = { title: snapshot.title, ...about }
    await appendAudit(client, { actor, action: 'incident.freeze', subject: `incident/${id}`, detail })
    return id
  })
}
