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

/**
 * Runs `work`, which takes room for bytes as it reads them, and gives all of it back when it is done, however it ends. Taking
 * throws `unavailable` where there is no room (limit waitingBytes).
 */
export async function withRoom<T>(work: (take: (bytes: number) => void) => Promise<T>): Promise<T> {
  const commits = groupCommit()
  let taken = 0
  try {
    return await work((bytes) => {
      commits.reserve(bytes)
      taken += bytes
    })
  } finally {
    commits.release(taken)
  }
}
