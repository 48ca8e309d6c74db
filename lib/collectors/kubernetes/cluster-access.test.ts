import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClusterAccess } from './cluster-access'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-access-'))
})
afterAll(() => rm(folder, { recursive: true }))

const textOf = (token: string) => `
clusters: [{ name: c, cluster: { server: "https://api.example:6443/" } }]
users: [{ name: u, user: { token: ${token} } }]
contexts: [{ name: x, context: { cluster: c, user: u } }, { name: empty, context: { cluster: none, user: u } }]
current-context: x
`
async function accessTo(text: string, settings: { context?: string } = {}): Promise<ClusterAccess> {
  const kubeconfig = path.join(folder, 'config')
  await writeFile(kubeconfig, text)
  return new ClusterAccess({ kubeconfig, ...settings }, () => 0)
}
const authorization = async (access: ClusterAccess) => {
  const { options } = await access.open()
  return options.headers && 'Authorization' in options.headers ? options.headers.Authorization : undefined
}

describe('the way to an API server', () => {
  it('is that of the current context, and is read again when the file changes', async () => {
    const access = await accessTo(textOf('one'))
    expect((await access.open()).server).toBe('https://api.example:6443')
    expect(await authorization(access)).toBe('Bearer one')
    await writeFile(path.join(folder, 'config'), textOf('another'))
    expect(await authorization(access)).toBe('Bearer another')
  })

  it.each([
    ['a context without a cluster', textOf('t'), { context: 'empty' }, /no context empty/],
    ['an unknown context', textOf('t'), { context: 'nowhere' }, /no context nowhere/],
    ['text that is no kubeconfig', 'a: [', {}, /cannot be read/],
  ])('%s is a lasting failure that says what to change', async (_name, text, settings, message) => {
    const access = await accessTo(text, settings)
    await expect(access.open()).rejects.toMatchObject({ message: expect.stringMatching(message), isLasting: true })
  })

  it('of a process outside any pod is a lasting failure', async () => {
    const access = new ClusterAccess({}, () => 0)
    await expect(access.open()).rejects.toMatchObject({
      isLasting: true,
      remedy: expect.stringContaining('kubeconfig'),
    })
  })
})
