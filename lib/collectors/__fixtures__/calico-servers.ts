import { createInterface } from 'node:readline'
import { FakeGoldmane } from '../calico/fake-goldmane'
import { TestApiServer, type TestObject } from '../kubernetes/test-api-server'

/** What a journey lets happen in its cluster; one JSON value a line on standard input. */
type Happening =
  | { readonly put: string; readonly object: TestObject }
  | { readonly remove: string; readonly object: TestObject }
  | { readonly bucket: number; readonly flows: readonly object[] }

/**
 * A Goldmane and an API server as a process of their own, for journeys against the production server: prints both ports as one
 * line of JSON, does what standard input says, and ends with it. Arguments: collections that the API server serves.
 */
async function main(): Promise<void> {
  const api = new TestApiServer()
  await api.listen()
  api.serve(...process.argv.slice(2))
  const goldmane = new FakeGoldmane(() => Date.now() / 1000)
  await goldmane.listen()
  console.log(JSON.stringify({ api: api.port, goldmane: goldmane.port }))
  for await (const line of createInterface({ input: process.stdin })) {
    const happening: Happening = JSON.parse(line)
    if ('put' in happening) api.put(happening.put, happening.object)
    else if ('remove' in happening) api.remove(happening.remove, happening.object)
    else await goldmane.rollOver(happening.bucket, happening.flows)
  }
  await Promise.all([api.close(), goldmane.stop()])
}

void main()
