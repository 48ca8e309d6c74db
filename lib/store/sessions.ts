import 'server-only'
import { hash } from 'node:crypto'
import { prisma } from './client'

/** The cookie's value is bound to the admin token, so that changing that token ends every session. */
const hashOf = (cookie: string, adminToken: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hash('sha256', JSON.stringify([cookie, adminToken]), 'buffer'))

/** Stores a session by a hash of its cookie, and removes those that have expired. */
export async function saveSession(cookie: string, adminToken: string, nowMs: number, expiresMs: number): Promise<void> {
  await prisma().session.deleteMany({ where: { expiresAt: { lte: new Date(nowMs) } } })
  await prisma().session.create({ data: { idHash: hashOf(cookie, adminToken), expiresAt: new Date(expiresMs) } })
}

/** Whether a cookie belongs to a session that goes on. */
export async function isLiveSession(cookie: string, adminToken: string, nowMs: number): Promise<boolean> {
  const row = await prisma().session.findUnique({ where: { idHash: hashOf(cookie, adminToken) } })
  return row !== null && row.expiresAt.getTime() > nowMs
}

/** Ends a session. */
export async function endSession(cookie: string, adminToken: string): Promise<void> {
  await prisma().session.deleteMany({ where: { idHash: hashOf(cookie, adminToken) } })
}
