import { linkText } from './link-text'

/** What the connect page is about: its link carries this and never a token. */
export interface ConnectView {
  /** Id of a way (lib/connect/ways.ts); '' = none is chosen. */
  readonly way: string
  readonly cluster: string
  /** Address by which senders reach this server, as a person wrote it; '' = the one that is known. */
  readonly address: string
  readonly hop: string
}

/** Broken values fall back to the default, as everywhere in links. */
export const parseConnectView = (params: URLSearchParams): ConnectView => ({
  way: linkText(params.get('way'), 40),
  cluster: linkText(params.get('cluster'), 128),
  address: linkText(params.get('address'), 300),
  hop: linkText(params.get('hop'), 64),
})

/** The shortest parameters that open the same page again. */
export function connectPath(view: Partial<ConnectView>): string {
  const params = new URLSearchParams()
  for (const key of ['way', 'cluster', 'address', 'hop'] as const) if (view[key]) params.set(key, view[key])
  return params.size > 0 ? `/connect?${params}` : '/connect'
}

/** An http(s) address without credentials, query or fragment; undefined for anything else. `host:port` is taken as http. */
export function addressOf(text: string): URL | undefined {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (text.trim() === '' || !URL.canParse(full)) return undefined
  const url = new URL(full)
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return undefined
  return url
}

/** Whether only programs on the same machine reach this address. */
export const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
