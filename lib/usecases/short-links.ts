import 'server-only'
import { randomBytes } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { consolePath } from '@/lib/model/console-path'
import { loadShortLink, saveShortLink } from '@/lib/store/short-links'
import { checkedPath } from './checked-path'

/** 32 characters that are not mistaken for each other: 5 bits each. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'
const CODE_CHARS = 10
const CODE = /^[a-km-np-z2-9]{10}$/

/**
 * The short link of a path of this console, as path of its own; the same path always gets the same one. Throws `bad_request` for any
 * other address, `conflict` where there are too many.
 */
export async function makeShortLink(text: string, actor: string): Promise<{ readonly path: string }> {
  const path = checkedPath(text)
  return { path: `/l/${await saveShortLink(path, newCode(), actor)}` }
}

/** What a code stands for. Throws `not_found`. */
export async function openShortLink(code: string): Promise<{ readonly path: string }> {
  const stored = CODE.test(code) ? await loadShortLink(code) : undefined
  // Rules may have become stricter since it was stored.
  const path = stored === undefined ? undefined : consolePath(stored)
  if (path === undefined)
    throw new AppError('not_found', 'no such short link', {
      hint: 'Links that nobody opened for half a year are gone.',
    })
  return { path }
}

const newCode = (): string =>
  [...randomBytes(CODE_CHARS)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? '').join('')
