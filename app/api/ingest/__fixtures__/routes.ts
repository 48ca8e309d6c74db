import { answerOtlp } from '@/lib/http/otlp'
import type { ServiceGraph } from '@/lib/model/graph'
import { GET as getGraph } from '../../graph/route'
import { POST as postFlows } from '../[source]/route'
import { POST as postNames } from '../dns/[format]/route'
import { POST as postTranslations } from '../nat/[format]/route'

const ORIGIN = 'http://localhost:3000'

const headersOf = (token: string) => ({ host: 'localhost:3000', authorization: `Bearer ${token}` })

export interface SentBody {
  readonly path: string
  readonly contentType: string
  readonly cluster: string
  readonly text: string
}

/** Hands a body to the route that serves its path, as a sender with that token; answers the status and what was said. */
export async function postToRoutes(body: SentBody, token: string): Promise<{ status: number; answer: unknown }> {
  const response = await routed(body, token)
  return { status: response.status, answer: await response.json() }
}

function routed({ path, contentType, cluster, text }: SentBody, token: string): Promise<Response> {
  const headers = { ...headersOf(token), 'content-type': contentType, 'x-postern-cluster': cluster }
  const request = new Request(`${ORIGIN}${path}`, { method: 'POST', body: text, headers })
  const [, , , kind = '', format = ''] = new URL(request.url).pathname.split('/')
  if (path.startsWith('/v1/')) return answerOtlp(request)
  if (kind === 'nat') return postTranslations(request, { params: Promise.resolve({ format }) })
  if (kind === 'dns') return postNames(request, { params: Promise.resolve({ format }) })
  return postFlows(request, { params: Promise.resolve({ source: kind }) })
}

/** What the graph page would show of the last hour. */
export async function graphOfLastHour(token: string): Promise<ServiceGraph> {
  const request = new Request(`${ORIGIN}/api/graph?scope=all&level=workload&cap=0&from=now-1h&to=now`, { headers: headersOf(token) })
  const response = await getGraph(request, { params: Promise.resolve({}) })
  if (!response.ok) throw new Error(`the graph answers ${response.status}`)
  return response.json()
}
