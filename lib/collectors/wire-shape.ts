import { z } from 'zod'
import { ProtobufReader, WIRE_FIXED32, WIRE_FIXED64, WIRE_LEN, WIRE_VARINT } from '@/lib/sources/otlp/protobuf-reader'

/** Of a message type: its fields by number. */
type WireShape = ReadonlyMap<number, WireField>

interface WireField {
  readonly wireType: number
  /** Repeated numbers may also come packed into one value. */
  readonly mayBePacked: boolean
  /** Of a field that is a message. */
  readonly message?: WireShape
}

const FIXED: ReadonlyMap<string, number> = new Map([
  ['double', WIRE_FIXED64],
  ['fixed64', WIRE_FIXED64],
  ['sfixed64', WIRE_FIXED64],
  ['float', WIRE_FIXED32],
  ['fixed32', WIRE_FIXED32],
  ['sfixed32', WIRE_FIXED32],
  ['string', WIRE_LEN],
  ['bytes', WIRE_LEN],
])

/** Deeper messages are refused, as protobuf libraries do. */
const MAX_DEPTH = 100

interface Descriptor {
  readonly nested?: Readonly<Record<string, Descriptor>> | undefined
  readonly fields?: Readonly<Record<string, FieldDescriptor>> | undefined
  readonly methods?:
    | Readonly<Record<string, { readonly requestType: string; readonly responseType: string }>>
    | undefined
}

interface FieldDescriptor {
  readonly type: string
  readonly id: number
  readonly rule?: string | undefined
}

const descriptor: z.ZodType<Descriptor> = z.lazy(() =>
  z.object({
    nested: z.record(z.string(), descriptor).optional(),
    fields: z
      .record(z.string(), z.object({ type: z.string(), id: z.number(), rule: z.string().optional() }))
      .optional(),
    methods: z.record(z.string(), z.object({ requestType: z.string(), responseType: z.string() })).optional(),
  }),
)

/**
 * Makes the deserializers of a bundled descriptor strict: protobufjs 7 takes a text that is cut off at the end of the bytes for a
 * shorter one, a field that leaves its message for part of it, and a field of another wire type for one of its own. A message
 * with any of these is corrupt, and refused whole.
 */
export function strictReader(protocol: unknown) {
  const root = descriptor.parse(protocol)
  const shapes = new Map<string, WireShape>()

  const at = (name: string): Descriptor | undefined =>
    name.split('.').reduce<Descriptor | undefined>((one, part) => one?.nested?.[part], root)
  /** A type's full name, from the package that uses it. */
  const resolve = (type: string, from: string): string | undefined =>
    [`${from}.${type}`, type].find((name) => at(name)?.fields !== undefined)
  const shapeOf = (name: string): WireShape => {
    const known = shapes.get(name)
    if (known) return known
    const shape = new Map<number, WireField>()
    shapes.set(name, shape)
    for (const { type, id, rule } of Object.values(at(name)?.fields ?? {})) {
      const target = resolve(type, name.slice(0, name.lastIndexOf('.')))
      const wireType = target ? WIRE_LEN : (FIXED.get(type) ?? WIRE_VARINT)
      const mayBePacked = rule === 'repeated' && wireType !== WIRE_LEN
      shape.set(id, { wireType, mayBePacked, ...(target && { message: shapeOf(target) }) })
    }
    return shape
  }

  return (service: string, method: string, which: 'requestType' | 'responseType') => {
    const type = at(service)?.methods?.[method]?.[which]
    const name = type && resolve(type, service.slice(0, service.lastIndexOf('.')))
    if (!name) throw new Error(`the bundled protocol has no ${which} of ${service}/${method}`)
    const shape = shapeOf(name)
    return (deserialize: (bytes: Buffer) => object) =>
      (bytes: Buffer): object => {
        const reader = new ProtobufReader(bytes)
        check(reader, shape, 0)
        return deserialize(bytes)
      }
  }
}

/** Throws where a field of a message, or of one within, leaves it or is of another wire type. */
function check(reader: ProtobufReader, shape: WireShape, depth: number): void {
  while (reader.hasMore()) {
    const tag = reader.tag()
    const wireType = tag & 7
    const field = shape.get(tag >>> 3)
    if (field && field.wireType !== wireType && !(field.mayBePacked && wireType === WIRE_LEN))
      throw reader.corrupt(`wire type ${wireType} of field ${tag >>> 3}`)
    if (!field?.message) {
      reader.skip(wireType)
      continue
    }
    if (depth === MAX_DEPTH) throw reader.corrupt('messages nested too deep')
    const outer = reader.enter()
    check(reader, field.message, depth + 1)
    reader.leave(outer)
  }
}
