import { LIMITS } from './limits'

/** Pages of the console that a saved view or a short link may open, by the first part of their path. */
const PAGES = [
  'graph',
  'flows',
  'policies',
  'egress',
  'incidents',
  'findings',
  'providers',
  'sources',
  'connect',
  'datasets',
  'settings',
] as const
const ORIGIN = 'http://console.invalid'

/**
 * Path and parameters of a page of the console, in the one form that is stored; undefined for anything else: another origin in
 * any disguise (`//host`, `/\\host`, `/graph/..//host`), an API route, a page outside the console, control characters, or more
 * than `linkPathChars`. A fragment is dropped. The same text gives the same path, and that path itself.
 */
export function consolePath(text: string): string | undefined {
  if (text.length > LIMITS.linkPathChars || !/^\/[a-z]/.test(text) || /[\p{Cc}\\]/u.test(text)) return undefined
  if (!URL.canParse(text, ORIGIN)) return undefined
  const url = new URL(text, ORIGIN)
  const page = url.pathname.split('/')[1] ?? ''
  const isOurs = url.origin === ORIGIN && PAGES.some((one) => one === page) && !/\/\/|%2f|%5c/i.test(url.pathname)
  const path = `${url.pathname}${url.search}`
  return isOurs && path.length <= LIMITS.linkPathChars ? path : undefined
}

/** The path of a short link, `/l/<code>`; undefined for anything else. */
export const shortLinkPath = (text: string): string | undefined =>
  /^\/l\/[a-z0-9]{8,32}$/.test(text) ? text : undefined
