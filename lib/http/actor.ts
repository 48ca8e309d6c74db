import 'server-only'
import { ADMIN_ACTOR, LOCAL_ACTOR } from '@/lib/model/audit'
import { actorNamed } from '@/lib/model/person'
import type { Caller } from './authenticate'

/**
 * Who did something, as the audit log names them: a person by the name that they said and how they came in, an API token by its id. Nobody
 * can say a name that reads as another kind.
 */
export function actorOf({ tokenId, name }: Caller): string {
  if (tokenId === '') return name === undefined ? LOCAL_ACTOR : actorNamed(name, 'local')
  if (tokenId === 'session') return name === undefined ? ADMIN_ACTOR : actorNamed(name, 'signed in')
  return tokenId === 'admin' ? ADMIN_ACTOR : `token ${tokenId}`
}
