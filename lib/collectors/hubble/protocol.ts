import { fromJSON, type MethodDefinition } from '@grpc/proto-loader'
import { z } from 'zod'
import { strictReader } from '../wire-shape'
import protocol from './generated/protocol.json'

// The descriptor is bundled, so that nothing is read from files at run time; a test holds it to the .proto files. TypeScript reads
// its JSON too narrowly for the library's type.
const namespace = z.custom<Parameters<typeof fromJSON>[0]>((value) => typeof value === 'object').parse(protocol)
const strict = strictReader(protocol)
const definitions = fromJSON(namespace, { keepCase: true, longs: String, enums: String })

function methodOf(name: string): MethodDefinition<object, object> {
  const service = definitions['observer.Observer']
  // A service is a plain record of methods; messages and enums carry a `format`.
  const method = service && !('format' in service) ? service[name] : undefined
  if (!method || typeof method !== 'object') throw new Error(`the bundled protocol has no method ${name}`)
  return {
    ...method,
    requestDeserialize: strict('observer.Observer', name, 'requestType')(method.requestDeserialize),
    responseDeserialize: strict('observer.Observer', name, 'responseType')(method.responseDeserialize),
  }
}

/** Methods of `observer.Observer`: path, serializers, deserializers. Names are those of the .proto files, 64-bit integers text. */
export const OBSERVER = {
  getFlows: methodOf('GetFlows'),
  getNodes: methodOf('GetNodes'),
  serverStatus: methodOf('ServerStatus'),
} as const

const wrapped = z.object({ value: z.number().optional() }).transform(({ value }) => value ?? 0)

/** What ServerStatus answers, as far as it is read; through Relay the sums of all nodes. An agent names no node counts. */
export const serverStatus = z.object({
  num_connected_nodes: wrapped.optional(),
  num_unavailable_nodes: wrapped.optional(),
  unavailable_nodes: z.array(z.string()).default([]),
  version: z.string().optional(),
})
export type ServerStatus = z.infer<typeof serverStatus>
