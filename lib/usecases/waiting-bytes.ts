import 'server-only'
import { isAppError } from '@/lib/errors'
import { groupCommit } from '@/lib/store/group-commit'

/** Takes room for bytes that a listener is about to read, out of what all ways in share; false where there is none. */
export function takeRoom(bytes: number): boolean {
  try {
    groupCommit().reserve(bytes)
    return true
  } catch (error) {
    if (isAppError(error) && error.code === 'unavailable') return false
    throw error
  }
}

export const giveRoomBack = (bytes: number): void => groupCommit().release(bytes)
