import { constants } from 'node:fs'
import { access, chmod, lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { CollectorFailure } from './collector'

/** Linux: 108 bytes with their end. */
const MAX_PATH_BYTES = 107
/** Owner and group may connect. Between bind and chmod the process's umask leaves at most the owner that right. */
const MODE = 0o660

/**
 * Makes room for a listener at a unix socket path: removes the file of one that ended without cleaning up. Throws a lasting
 * `CollectorFailure` where the path cannot be used, where something listens there, or where the file is no socket: it is
 * never touched then.
 */
export async function clearSocketPath(file: string): Promise<void> {
  if (Buffer.byteLength(file) > MAX_PATH_BYTES)
    throw lasting(`The socket path ${file} is longer than ${MAX_PATH_BYTES} bytes.`, 'Choose a shorter path.')
  const folder = path.dirname(path.resolve(file))
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw lasting(
      `Postern cannot write to ${folder}.`,
      'Mount the folder as a hostPath of type DirectoryOrCreate, writable for Postern.',
      error,
    )
  })
  const found = await lstat(file).catch(() => undefined)
  if (!found) return
  if (!found.isSocket())
    throw lasting(`At ${file} is a file that is no socket.`, 'Remove it, or choose another path; Postern does not.')
  if (await isAlive(file))
    throw lasting(
      `Another process listens at ${file}.`,
      'Only one can take the node’s flows: end the other, or choose another path.',
    )
  await unlink(file)
}

/** Lets owner and group connect, and nobody else. Felix runs as root and may anyway. */
export const openSocketFile = (file: string): Promise<void> => chmod(file, MODE)

const isAlive = (file: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(file)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // ECONNREFUSED: nobody listens any more. Anything else: it may be alive.
    socket.once('error', (error) => resolve(!('code' in error && error.code === 'ECONNREFUSED')))
  })

const lasting = (message: string, remedy: string, cause?: unknown): CollectorFailure =>
  new CollectorFailure(message, remedy, true, { cause })
