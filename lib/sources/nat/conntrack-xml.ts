import { XMLParser } from 'fast-xml-parser'
import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { type ConntrackLine, eventOf, portProtocol, type Tuple, tupleOf } from './conntrack-event'

type Fields = Readonly<Record<string, unknown>>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  maxNestedTags: 12,
})

const EVENTS: ReadonlyMap<string, 'NEW' | 'UPDATE' | 'DESTROY'> = new Map([
  ['new', 'NEW'],
  ['update', 'UPDATE'],
  ['destroy', 'DESTROY'],
])

/**
 * Reads one `<flow>` element of `conntrack -E -o xml,timestamp,id`. Entities are never expanded, and declarations (DOCTYPE,
 * ENTITY, CDATA) are refused: conntrack writes none. The time is the kernel's in nanoseconds where it is given, else `when`,
 * to the second, which conntrack writes in the machine's own zone and which is read as UTC: on a machine that keeps another
 * zone the record joins nothing, which is safe.
 */
export function parseConntrackXml(text: string): ConntrackLine {
  if (text.includes('<!') || text.includes('&'))
    return { reason: 'bad_value', detail: 'XML with declarations or entities: conntrack writes none' }
  const flow = flowOf(text)
  if (!flow) return { reason: 'bad_value', detail: 'no <flow> element that can be read' }
  const kind = EVENTS.get(textOf(flow['@type']))
  const metas = listOf(flow.meta)
  const direction = (name: string): Fields => metas.find((meta) => meta['@direction'] === name) ?? {}
  const original = direction('original')
  const independent = direction('independent')
  const layer4 = childOf(original, 'layer4')
  const protocol = portProtocol(textOf(layer4['@protoname'])) ?? portProtocol(textOf(layer4['@protonum']))
  if (!protocol) return { ignore: 'no_translation' }
  if (!kind) return { reason: 'missing_time', detail: 'a listing tells no event: use conntrack -E' }
  const connectionId = /^\d{1,20}$/.exec(textOf(independent.id))?.[0]
  // `zone` stands on either side of the directions, as the text has zone, zone-orig and zone-reply.
  const zone = [independent.zone, original.zone, direction('reply').zone]
    .map((part) => textOf(part).slice(0, 10))
    .join('/')
  return eventOf(
    kind,
    protocol,
    { original: directionOf(original), reply: directionOf(direction('reply')) },
    timesOf(flow, independent),
    { zone, connectionId },
  )
}

function flowOf(text: string): Fields | undefined {
  try {
    const document: unknown = parser.parse(text)
    return isRecord(document) && isRecord(document.flow) ? document.flow : undefined
  } catch {
    return undefined
  }
}

function directionOf(meta: Fields): Tuple | undefined {
  const layer3 = childOf(meta, 'layer3')
  const layer4 = childOf(meta, 'layer4')
  return tupleOf({
    src: textOf(layer3.src),
    dst: textOf(layer3.dst),
    sport: textOf(layer4.sport),
    dport: textOf(layer4.dport),
  })
}

function timesOf(flow: Fields, independent: Fields): { atMs: UnixMillis | undefined; startedMs?: UnixMillis } {
  const kernel = childOf(independent, 'timestamp')
  const start = nanosOf(kernel.start)
  const stop = nanosOf(kernel.stop)
  const atMs = stop ?? whenOf(childOf(flow, 'when')) ?? start
  const delta = /^\d{1,9}$/.exec(textOf(independent.deltatime))?.[0]
  const startedMs = start ?? (delta && atMs !== undefined ? atMs - Number(delta) * SECOND_MS : undefined)
  return { atMs, ...(startedMs !== undefined && { startedMs }) }
}

const nanosOf = (value: unknown): UnixMillis | undefined => {
  const text = textOf(value)
  return /^\d{19}$/.test(text) ? Number(text.slice(0, 13)) : undefined
}

function whenOf(when: Fields): UnixMillis | undefined {
  const [year, month, day, hour, min, sec] = ['year', 'month', 'day', 'hour', 'min', 'sec'].map((name) => {
    const text = textOf(when[name])
    return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  })
  const atMs = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, min, sec)
  return Number.isFinite(atMs) ? atMs : undefined
}

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value : [value]).filter(isRecord)
const childOf = (fields: Fields, name: string): Fields => listOf(fields[name])[0] ?? {}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
