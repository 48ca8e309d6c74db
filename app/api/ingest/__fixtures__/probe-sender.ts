import { createServer } from 'node:http'
import { vi } from 'vitest'
import { createApiToken } from '@/lib/usecases/api-tokens'
import { rememberCallers } from '@/lib/usecases/caller-address'
import { POST as postProbe } from '../../canary/probes/route'

export interface SentProbe {
  readonly cluster: string
  readonly namespace: string
  readonly node?: string
  /** When it ran. */
  readonly atMs: number
  /** By which address it came, and which another service told it. */
  readonly seenAs: string
  readonly told?: string
}

/**
 * A server that takes probes, and a probe that calls it through a proxy on this machine (`POSTERN_TRUSTED_PROXIES` must name 127.0.0.0/8),
 * each with a token of its namespace. Postern notes the time at which a probe comes, so its clock is turned back to that while one does.
 */
export async function openProbeSender() {
  rememberCallers('/api/canary/')
  const server = createServer((incoming, response) => {
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
    const url = new URL(incoming.url ?? '', 'http://127.0.0.1')
    void postProbe(new Request(url, { method: 'POST', headers }), { params: Promise.resolve({}) }).then(
      async (answer) => void response.writeHead(answer.status).end(await answer.text()),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server of probes has no port')
  const tokens = new Map<string, string>()

  async function tokenOf({ cluster, namespace }: SentProbe): Promise<string> {
    const key = `${cluster}/${namespace}`
    const known = tokens.get(key)
    if (known) return known
    const { token } = await createApiToken({ name: key, scopes: ['canary'], cluster, namespace }, Date.now())
    tokens.set(key, token)
    return token
  }

  return {
    async probe(one: SentProbe): Promise<void> {
      const query = new URLSearchParams({ ...(one.node && { node: one.node }), ...(one.told && { told: one.told }) })
      const authorization = `Bearer ${await tokenOf(one)}`
      vi.useFakeTimers({ toFake: ['Date'], now: one.atMs })
      try {
        const answer = await fetch(`http://127.0.0.1:${address.port}/api/canary/probes?${query}`, {
          method: 'POST',
          headers: { authorization, 'x-forwarded-for': one.seenAs },
        })
        if (answer.status !== 201) throw new Error(`${one.cluster}: ${answer.status} ${await answer.text()}`)
      } finally {
        vi.useRealTimers()
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
