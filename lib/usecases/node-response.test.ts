import { createServer, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rememberResponses, takeResponse } from './node-response'

const taken: (ServerResponse | undefined)[] = []
const own: ServerResponse[] = []
const names: string[] = []
const server = createServer((request, response) => {
  const name = request.headers['x-postern-response']
  const headers = new Headers(typeof name === 'string' ? { 'x-postern-response': name } : {})
  names.push(String(name))
  own.push(response)
  if (request.url !== '/watched?late') taken.push(takeResponse(headers), takeResponse(headers))
  response.end()
})
let baseUrl = ''

beforeAll(async () => {
  rememberResponses('/watched')
  rememberResponses('/watched')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(() => server.close())

const get = (path: string, name?: string) =>
  fetch(`${baseUrl}${path}`, name === undefined ? {} : { headers: { 'x-postern-response': name } })

it("answers Node's response to a request of a watched path, once, and nobody else's by a name that a client made up", async () => {
  await get('/watched?a=1', 'forged')
  expect(taken.splice(0)).toEqual([own[0], undefined])
  await get('/other', names[0])
  expect(taken.splice(0)).toEqual([undefined, undefined])
})

it('forgets a response that is over', async () => {
  await get('/watched?late')
  expect(names.at(-1)).toMatch(/^[\da-f-]{36}$/)
  expect(takeResponse(new Headers({ 'x-postern-response': names.at(-1) ?? '' }))).toBeUndefined()
})
