import { fromJSON, type MethodDefinition } from '@grpc/proto-loader'
import { z } from 'zod'
import { strictReader } from '../wire-shape'
import protocol from './generated/protocol.json'

// The descriptor is bundled, so that nothing is read from files at run time; a test holds it to the .proto file. TypeScript
// reads its JSON too narrowly for the library's type.
const namespace = z.custom<Parameters<typeof fromJSON>[0]>((value) => typeof value === 'object').parse(protocol)
const strict = strictReader(protocol)
const definitions = fromJSON(namespace, { keepCase: true, longs: String, enums: String })

function methodOf(serviceName: string, name: string): MethodDefinition<object, object> {
  const service = definitions[serviceName]
  // A service is a plain record of methods; messages and enums carry a `format`.
  const method = service && !('format' in service) ? service[name] : undefined
  if (!method || typeof method !== 'object') throw new Error(`the bundled protocol has no method ${name}`)
  return {
    ...method,
    requestDeserialize: strict(serviceName, name, 'requestType')(method.requestDeserialize),
    responseDeserialize: strict(serviceName, name, 'responseType')(method.responseDeserialize),
  }
}

/**
 * Methods of Goldmane: path, serializers, deserializers. Names are those of the .proto file, 64-bit integers text, enums their
 * names, of numbers newer than ours the number: what the decoder of Calico's JSON reads.
 */
export const GOLDMANE = {
  stream: methodOf('goldmane.Flows', 'Stream'),
  connect: methodOf('goldmane.FlowCollector', 'Connect'),
} as const

/** One message as it came: undefined where its bytes could not be decoded. */
export interface GoldmaneMessage {
  readonly value: unknown
  /** On the wire. */
  readonly bytes: number
}

/** A message that cannot be decoded is one refused record, not the end of the stream. */
export const decodeMessage =
  (deserialize: (bytes: Buffer) => object) =>
  (bytes: Buffer): GoldmaneMessage => {
    try {
      return { value: deserialize(bytes), bytes: bytes.length }
    } catch {
      return { value: undefined, bytes: bytes.length }
    }
  }
