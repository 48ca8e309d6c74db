import 'server-only'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { listIncidents } from '@/lib/store/list-incidents'
import { type OpenedShare, openShareLink, revokeShareLink, statusOfShareToken } from '@/lib/store/share-links'

const INCIDENTS_SHOWN = 200
/** What a token looks like; anything else needs no look into the database. */
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/

/** Whether a link opens something: a page cannot set its status, so the answer comes before the page. */
export const statusOfShare = async (token: string): Promise<'open' | 'gone' | 'unknown'> =>
  TOKEN_FORM.test(token) ? statusOfShareToken(token) : 'unknown'

/** The frozen evidence behind a token, counted as one view. */
export const openShare = async (token: string): Promise<OpenedShare | undefined> =>
  TOKEN_FORM.test(token) ? openShareLink(token) : undefined

/** Ends a link; whoever opens it from now on is told that it is gone. */
export const revokeShare = (linkId: string, actor = POSTERN_ACTOR): Promise<void> => revokeShareLink(linkId, actor)

/** Incidents with their links, newest first, bounded. */
export const incidents = (): ReturnType<typeof listIncidents> => listIncidents(INCIDENTS_SHOWN)
