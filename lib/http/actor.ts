import 'server-only'
import type { Caller } from './authenticate'

/** Who did something, as the audit log names them: `local` where no sign-in is asked for. */
export function actorOf({ tokenId }: Caller): string {
  if (tokenId === '') return 'local'
  return tokenId === 'admin' || tokenId === 'session' ? 'admin' : `token ${tokenId}`
}
