import 'server-only'
import { randomBytes } from 'node:crypto'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { saveShareLink } from '@/lib/store/share-links'

const TOKEN_BYTES = 32

/**
 * Makes a link to an incident. The token (256 random bits, base64url) is answered once; only its hash is stored. Errors:
 * `not_found`, `unavailable`.
 */
export async function createShareLink(
  incidentId: string,
  nowMs: number,
  expiresInHours?: number,
  actor = POSTERN_ACTOR,
): Promise<{ linkId: string; token: string }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const expiresMs = expiresInHours === undefined ? undefined : nowMs + expiresInHours * 3600_000
  return { linkId: await saveShareLink(incidentId, token, expiresMs, actor), token }
}
