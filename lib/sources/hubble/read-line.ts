import type { Flow } from '@/lib/model/flow'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { assembleFlow, observerOf, type Told } from './assemble'
import { l4Counts } from './counts'
import { hashOf, LineCursor, literal } from './line-cursor'
import type { EndpointPart, EventPart, HubbleLineMemo, PlacePart } from './line-parts'

/** A part of a line that is longer is read by the decoder of parsed records. */
const MOST_CHARS = 4096
const LONGEST_UUID = 64

const OPEN = literal('{"flow":{"')
const TIME = literal('time":"')
const UUID = literal('uuid":"')
const EMITTER = literal('emitter":{"name":"')
const VERSION = literal(',"version":"')
const VERDICT = literal('verdict":"')
const DROP_REASON = literal('drop_reason":')
const ETHERNET = literal('ethernet":{"source":"')
const MAC = literal(',"destination":"')
const IP = literal('IP":{"')
const L4 = literal('l4":{"')
const PORT_OF_SOURCE = literal('":{"source_port":')
const PORT_OF_DESTINATION = literal(',"destination_port":')
const FLAGS = literal(',"flags":{')
const SOURCE = literal('source":{')
const NEXT = literal(',"')
const CLOSE = literal('}')
const ENVELOPE_NODE = literal('},"node_name":"')
const ENVELOPE_TIME = literal(',"time":"')
const IP_MEMBERS = {
  source: literal('source":"'),
  source_xlated: literal('source_xlated":"'),
  destination: literal('destination":"'),
  ipVersion: literal('ipVersion":"'),
  encrypted: literal('encrypted":true'),
} as const
const VERDICTS: readonly (readonly [Uint8Array, string])[] = ['FORWARDED', 'DROPPED', 'REDIRECTED', 'AUDIT'].map(
  (name) => [literal(`${name}"`), name],
)
const PROTOCOLS: readonly (readonly [Uint8Array, string])[] = ['TCP', 'UDP', 'SCTP'].map((name) => [
  literal(name),
  name.toLowerCase(),
])

const AFTER_SOURCE = '},"destination":{'
const AFTER_DESTINATION = '},"Type":"'
const BEFORE_EVENT = ',"event_type":{'
const AFTER_FLOW = '},"node_name":"'

/** Members that come before the endpoints: each may stand there once. */
const HEAD = { time: 1, uuid: 2, emitter: 4, verdict: 8, dropReason: 16, ethernet: 32, ip: 64, l4: 128 } as const
const NEEDED = HEAD.time | HEAD.uuid | HEAD.verdict | HEAD.ip | HEAD.l4

/**
 * Reads exporter lines as Cilium 1.14 and later write them (`{"flow":{…},"node_name":…,"time":…}`, L3/L4, with a uuid) without
 * JSON.parse: what changes from line to line is scanned, and the parts that repeat are looked up by their text. It takes a line only
 * where that gives exactly what the decoder of parsed records makes of it: any other order, key, escape or kind of record is left to
 * that one.
 */
export class HubbleLineReader extends LineCursor {
  private view: DataView = new DataView(new ArrayBuffer(0))
  /** Where uuid and time stand in the bytes. */
  private uuidAt = 0
  private uuidEnd = 0
  private timeAt = 0
  private timeEnd = 0
  private startMs = 0
  private verdict = ''
  private dropReason: number | undefined
  private sourceIp = ''
  private destinationIp = ''
  private translatedIp: string | undefined
  private isEncrypted = false
  private protocol = ''
  private sourcePort = 0
  private destinationPort = 0
  private isOpening = false
  /** Bytes of the last line that was read. */
  length = 0

  constructor(private readonly memo: HubbleLineMemo) {
    super()
  }

  /** The flow of the record at `from` (as `ReadRecord`), and its `length`; undefined where it is another's to read. */
  read(bytes: Buffer, from: number, text: string, line: number): Flow | undefined {
    if (bytes !== this.bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.open(bytes, from, text)
    if (!this.pass(OPEN) || !this.passHead()) return undefined
    const source = this.endpoint(AFTER_SOURCE)
    if (!source) return undefined
    this.at += AFTER_SOURCE.length - 2
    const destination = this.endpoint(AFTER_DESTINATION)
    if (!destination) return undefined
    this.at += 1
    const place = this.place()
    if (!place) return undefined
    this.at += 1
    const event = this.event()
    if (!event || !this.passEnd()) return undefined
    const flow = this.flowOf(source, destination, place, event, line)
    this.length = this.at - from
    return flow
  }

  /** Members up to the opening brace of `source`. */
  private passHead(): boolean {
    let seen = 0
    this.dropReason = undefined
    while (!this.pass(SOURCE)) {
      const member = this.passMember()
      if (member === 0 || (seen & member) !== 0 || !this.pass(NEXT)) return false
      seen |= member
    }
    this.at -= 1
    return (seen & NEEDED) === NEEDED
  }

  /** One member of the head, its opening quote passed; 0 where it is none that is known. */
  private passMember(): number {
    const from = this.at
    switch (this.bytes[from]) {
      case 0x74: // t
        return this.pass(TIME) && this.passFlowTime() ? HEAD.time : 0
      case 0x75: // u
        return this.pass(UUID) && this.passUuid() ? HEAD.uuid : 0
      case 0x76: // v
        return this.pass(VERDICT) && this.passVerdict() ? HEAD.verdict : 0
      case 0x64: // d
        return this.pass(DROP_REASON) && this.passDropReason() ? HEAD.dropReason : 0
      case 0x49: // I
        return this.pass(IP) && this.passAddresses() ? HEAD.ip : 0
      case 0x6c: // l
        return this.pass(L4) && this.passPorts() ? HEAD.l4 : 0
      default:
        if (this.pass(EMITTER)) return this.passPair(VERSION) ? HEAD.emitter : 0
        return this.pass(ETHERNET) && this.passPair(MAC) ? HEAD.ethernet : 0
    }
  }

  private passFlowTime(): boolean {
    const from = this.at
    if (!this.passTime()) return false
    this.timeAt = from
    this.timeEnd = this.at - 1
    this.startMs = this.timeMs
    return true
  }

  private passUuid(): boolean {
    const from = this.at
    if (!this.passWord()) return false
    this.uuidAt = from
    this.uuidEnd = this.at - 1
    const length = this.uuidEnd - from
    return length > 0 && length <= LONGEST_UUID
  }

  private passVerdict(): boolean {
    for (const [name, verdict] of VERDICTS)
      if (this.pass(name)) {
        this.verdict = verdict
        return true
      }
    return false
  }

  private passDropReason(): boolean {
    if (!this.passNumber()) return false
    this.dropReason = this.number
    return true
  }

  /** The rest of an object of two texts. */
  private passPair(between: Uint8Array): boolean {
    return this.passPlainText() && this.pass(between) && this.passPlainText() && this.pass(CLOSE)
  }

  private passAddresses(): boolean {
    this.sourceIp = ''
    this.destinationIp = ''
    this.translatedIp = undefined
    this.isEncrypted = false
    let isVersioned = false
    do {
      if (this.pass(IP_MEMBERS.source)) {
        if (this.sourceIp !== '') return false
        this.sourceIp = this.passAddress()
        if (this.sourceIp === '') return false
      } else if (this.pass(IP_MEMBERS.destination)) {
        if (this.destinationIp !== '') return false
        this.destinationIp = this.passAddress()
        if (this.destinationIp === '') return false
      } else if (this.pass(IP_MEMBERS.source_xlated)) {
        if (this.translatedIp !== undefined) return false
        const at = this.at
        if (!this.passWord()) return false
        this.translatedIp = this.copy(at, this.at - 1)
        if (canonicalIp(this.translatedIp) !== this.translatedIp) return false
      } else if (!isVersioned && this.pass(IP_MEMBERS.ipVersion) && this.passPlainText()) isVersioned = true
      else if (!this.isEncrypted && this.pass(IP_MEMBERS.encrypted)) this.isEncrypted = true
      else return false
    } while (this.pass(NEXT))
    return this.sourceIp !== '' && this.destinationIp !== '' && this.pass(CLOSE)
  }

  /** What is left of the text of an address; '' where it can be none. */
  private passAddress(): string {
    const from = this.at
    return this.passWord() ? this.slice(from, this.at - 1) : ''
  }

  private passPorts(): boolean {
    this.protocol = ''
    for (const [name, protocol] of PROTOCOLS)
      if (this.pass(name)) {
        this.protocol = protocol
        break
      }
    if (this.protocol === '' || !this.pass(PORT_OF_SOURCE) || !this.passNumber()) return false
    this.sourcePort = this.number
    if (!this.pass(PORT_OF_DESTINATION) || !this.passNumber()) return false
    this.destinationPort = this.number
    const flags = this.pass(FLAGS) ? this.passFlags() : 0
    this.isOpening = flags === 1
    return flags >= 0 && this.pass(CLOSE) && this.pass(CLOSE)
  }

  /** The endpoint that begins here and whose closing brace `after` begins with; moves behind it. */
  private endpoint(after: string): EndpointPart | null {
    const from = this.at
    const to = this.find(after, from) + 1
    if (!isPart(from, to)) return null
    const [hash, raw] = [hashOf(this.view, from, to), this.slice(from, to)]
    this.at = to
    const known = this.memo.endpoints.get(hash, raw)
    return known === undefined ? this.memo.learnEndpoint(hash, raw) : known
  }

  private place(): PlacePart | null {
    const from = this.at
    const to = this.find(BEFORE_EVENT, from)
    // The text of an L7 flow never repeats: it is not to be learned.
    if (!isPart(from, to) || this.bytes[from + 9] === 0x37) return null
    const [hash, raw] = [hashOf(this.view, from, to), this.slice(from, to)]
    this.at = to
    const known = this.memo.places.get(hash, raw)
    return known === undefined ? this.memo.learnPlace(hash, raw) : known
  }

  private event(): EventPart | null {
    const from = this.at
    const to = this.find(AFTER_FLOW, from)
    if (!isPart(from, to)) return null
    const [hash, raw] = [hashOf(this.view, from, to), this.slice(from, to)]
    this.at = to
    const known = this.memo.events.get(hash, raw)
    return known === undefined ? this.memo.learnEvent(hash, raw) : known
  }

  /** The end of the flow and of its envelope: the flow names node and time itself, so what the envelope says is not asked for. */
  private passEnd(): boolean {
    return (
      this.pass(ENVELOPE_NODE) &&
      this.passPlainText() &&
      this.pass(ENVELOPE_TIME) &&
      this.passWord() &&
      this.pass(CLOSE)
    )
  }

  /** Time and uuid as texts of their own: parts of the line's text would keep all of it, and its neighbours, as long as the flow lives. */
  private ownTexts(): readonly [string, string] {
    const start = Math.min(this.timeAt, this.uuidAt)
    const own = this.copy(start, Math.max(this.timeEnd, this.uuidEnd))
    return [own.slice(this.timeAt - start, this.timeEnd - start), own.slice(this.uuidAt - start, this.uuidEnd - start)]
  }

  private flowOf(
    source: EndpointPart,
    destination: EndpointPart,
    place: PlacePart,
    event: EventPart,
    line: number,
  ): Flow | undefined {
    const judgement = this.memo.judgementOf(event, this.verdict, this.dropReason)
    if (!judgement) return undefined
    const from = this.memo.peerOf(source, this.sourceIp, place.sourceNames)
    const to = this.memo.peerOf(destination, this.destinationIp, place.destinationNames)
    if (!from || !to) return undefined
    const [time, uuid] = this.ownTexts()
    const translated = this.translatedIp
    const { eventType, direction, point } = event
    const isReply = event.isReply === true
    const { judged } = judgement
    const told: Told = {
      time,
      uuid,
      verdict: this.verdict,
      drop_reason: judgement.dropReason,
      event: eventType,
      direction,
      observation_point: point,
      is_reply: event.isReply,
      source: from.ip,
      source_xlated: translated,
      destination: to.ip,
      encrypted: this.isEncrypted ? true : undefined,
      destination_names: place.shownNames,
      node_name: place.node,
    }
    const ends = {
      client: isReply ? to : from,
      server: isReply ? from : to,
      protocol: this.protocol,
      serverPort: isReply ? this.sourcePort : this.destinationPort,
      clientPort: isReply ? this.destinationPort : this.sourcePort,
      isReply,
    }
    return assembleFlow(told, ends, {
      line,
      recordKey: uuid,
      startMs: this.startMs,
      observer: observerOf({
        eventType,
        direction,
        point,
        isReply,
        isForwarded: this.verdict === 'FORWARDED',
        isSourceLocal: source.isLocal,
        isDestinationLocal: destination.isLocal,
      }),
      judged,
      counts: l4Counts(eventType, judged.verdict.outcome, { isReply, isOpening: this.isOpening }, event.isNew, 1),
      cluster: source.cluster ?? destination.cluster ?? place.cluster,
      node: place.node,
      translated,
      l7: undefined,
      dnsAnswer: undefined,
      traceId: undefined,
    })
  }
}

const isPart = (from: number, to: number): boolean => to - from >= 8 && to - from <= MOST_CHARS
