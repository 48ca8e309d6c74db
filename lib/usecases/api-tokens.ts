import 'server-only'
import { randomBytes } from 'node:crypto'
import type { ApiToken, TokenScope } from '@/lib/model/api-token'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { processGlobal } from '@/lib/process-global'
import { listApiTokens, openApiToken, revokeApiToken, saveApiToken } from '@/lib/store/api-tokens'

/** `pst_<12 hex digits: public id>_<43 base64url characters: secret>`. */
const FORM = /^pst_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/
const DAY_MS = 86_400_000
/** A revoked token may still be let in for this long. */
const REMEMBERED_MS = 10_000
const MAX_REMEMBERED = 1000

export interface TokenGrant {
  readonly tokenId: string
  readonly scopes: readonly TokenScope[]
  readonly cluster?: string
  readonly namespace?: string
}

/** Makes a token; its text is in this answer and nowhere else. */
export async function createApiToken(
  wanted: {
    readonly name: string
    readonly scopes: readonly TokenScope[]
    readonly cluster?: string
    readonly namespace?: string
    readonly expiresInDays?: number
  },
  nowMs: number,
  actor = POSTERN_ACTOR,
): Promise<{ id: string; token: string }> {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const token = {
    id,
    secret,
    name: wanted.name,
    scopes: wanted.scopes,
    ...(wanted.cluster && { cluster: wanted.cluster }),
    ...(wanted.namespace && { namespace: wanted.namespace }),
    ...(wanted.expiresInDays && { expiresMs: nowMs + wanted.expiresInDays * DAY_MS }),
  }
  await saveApiToken(token, actor)
  return { id, token: `pst_${id}_${secret}` }
}

/** Tokens for the settings page, without secrets. */
export const apiTokens = (): Promise<ApiToken[]> => listApiTokens()

/** Ends a token: here at once, on other replicas within 10 s. Throws `not_found`. */
export async function endApiToken(id: string, nowMs: number, actor = POSTERN_ACTOR): Promise<void> {
  await revokeApiToken(id, nowMs, actor)
  remembered().clear()
}

interface Remembered {
  readonly grant: TokenGrant | undefined
  readonly untilMs: number
}

const remembered = (): Map<string, Remembered> => processGlobal('token-grants', () => new Map<string, Remembered>())

/** What a token's text grants; undefined for anything that is no token in force. Answers are remembered for 10 s. */
export async function grantOfToken(text: string, nowMs: number): Promise<TokenGrant | undefined> {
  const [, id, secret] = FORM.exec(text) ?? []
  if (id === undefined || secret === undefined) return undefined
  const known = remembered().get(text)
  if (known && known.untilMs > nowMs) return known.grant
  const opened = await openApiToken(id, secret, nowMs)
  const grant = opened && { tokenId: id, ...opened }
  if (remembered().size >= MAX_REMEMBERED) remembered().clear()
  // Only tokens that exist are remembered: guesses must not push them out.
  if (grant) remembered().set(text, { grant, untilMs: nowMs + REMEMBERED_MS })
  return grant
}
