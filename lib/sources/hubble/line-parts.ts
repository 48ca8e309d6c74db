import type { Peer } from '@/lib/model/endpoint'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { isNewTrace } from './counts'
import { DIRECTION, EVENT } from './enums'
import { eventTypeOf, NO_TRAFFIC, observationPoint } from './event-type'
import { enumName, field, flag, text, texts, type Wire } from './fields'
import { clusterOfEndpoint, clusterOfNode, isLocal, peerOf } from './peer'
import { InternTable, RawMemo } from './raw-memo'
import { dropReason, type Judged, judge } from './verdict'

/** Bounds of each memo, of each of its two generations: for some thousand pods, nodes and policies. */
const BOUNDS = { entries: 16_384, chars: 4 * 1024 * 1024 } as const
/** Distinct verdicts with their policies, and lists of names, that are kept as one object each. */
const INTERNED = { entries: 16_384, chars: 2 * 1024 * 1024 } as const
/** Peers of one endpoint's text: a pod has one address, `reserved:world` has any. */
const MOST_PEERS = 256
/** What one of them counts for, in characters. */
const PEER_CHARS = 512
/** Verdicts that one event's text is seen with. */
const MOST_JUDGEMENTS = 16
/** Levels of a part of a record: what lies deeper is read by the decoder of parsed records. */
const MOST_LEVELS = 8

/** `source` or `destination`, as its text alone tells it. */
export interface EndpointPart {
  readonly raw: string
  readonly isLocal: boolean
  readonly cluster: string | undefined
  readonly peers: Map<string, Peer>
  /** The one that was asked for last. */
  lastIp: string
  lastNames: readonly string[]
  lastPeer: Peer | undefined
}

/** The members between the endpoints and `event_type`: where the record was made, and names. */
export interface PlacePart {
  readonly node: string
  readonly cluster: string | undefined
  readonly sourceNames: readonly string[]
  readonly destinationNames: readonly string[]
  /** As evidence shows them. */
  readonly shownNames: readonly string[] | undefined
}

/** The members from `event_type` to the flow's end. */
export interface EventPart {
  readonly raw: string
  readonly eventType: number | undefined
  readonly direction: string | undefined
  readonly point: string | undefined
  readonly isReply: boolean | undefined
  readonly isNew: boolean
  judgements: readonly Judgement[]
}

/** An event's text seen with one verdict and one number of a drop reason. */
export interface Judgement {
  readonly verdict: string
  readonly number: number | undefined
  readonly dropReason: string | undefined
  readonly judged: Judged
}

/** Members that the decoder never asks for. */
const SILENT = [
  'node_labels',
  'reply',
  'interface',
  'Summary',
  'file',
  'tunnel',
  'proxy_port',
  'auth_type',
  'policy_log',
  'ip_trace_id',
  'socket_cookie',
  'cgroup_id',
  'source_service',
  'destination_service',
]
const PLACE_KEYS: ReadonlySet<string> = new Set(['Type', 'node_name', 'source_names', 'destination_names', ...SILENT])
const EVENT_KEYS: ReadonlySet<string> = new Set([
  'event_type',
  'traffic_direction',
  'policy_match_type',
  'trace_observation_point',
  'trace_reason',
  'drop_reason_desc',
  'is_reply',
  'egress_allowed_by',
  'ingress_allowed_by',
  'egress_denied_by',
  'ingress_denied_by',
  ...SILENT,
])

/**
 * What parts of Hubble's lines mean, by their text: pods, nodes and policies repeat from line to line. Bounded; what it answers is
 * shared by all who ask, and never changed. `null`: the part holds something that only the decoder of parsed records reads.
 */
export class HubbleLineMemo {
  readonly endpoints = new RawMemo<EndpointPart | null>(BOUNDS)
  readonly places = new RawMemo<PlacePart | null>(BOUNDS)
  readonly events = new RawMemo<EventPart | null>(BOUNDS)
  private readonly judged = new InternTable<Judged>(INTERNED)
  private readonly nameLists = new InternTable<readonly string[]>(INTERNED)

  learnEndpoint(hash: number, text: string): EndpointPart | null {
    return this.endpoints.learn(hash, text, (raw) => {
      const wire = parsePart(raw)
      return (
        wire && {
          raw,
          isLocal: isLocal(wire),
          cluster: clusterOfEndpoint(wire),
          peers: new Map(),
          lastIp: '',
          lastNames: NO_NAMES,
          lastPeer: undefined,
        }
      )
    })
  }

  learnPlace(hash: number, text: string): PlacePart | null {
    return this.places.learn(hash, text, (raw) => {
      const wire = parsePart(`{${raw}}`)
      return wire && hasOnly(wire, PLACE_KEYS) ? this.placeOf(wire) : null
    })
  }

  learnEvent(hash: number, text: string): EventPart | null {
    return this.events.learn(hash, text, (raw) => {
      const wire = parsePart(`{${raw}}`)
      return wire && hasOnly(wire, EVENT_KEYS) ? eventOf(wire, raw) : null
    })
  }

  /**
   * The peer that an endpoint is with this address and these names; undefined where the address is none that is written canonically.
   * `names` come from a part.
   */
  peerOf(part: EndpointPart, ip: string, names: readonly string[]): Peer | undefined {
    if (part.lastNames === names && part.lastIp === ip) return part.lastPeer
    const key = names.length === 0 ? ip : JSON.stringify([ip, names])
    const peer = part.peers.get(key) ?? this.makePeer(part, key, ip, names)
    if (peer?.ip === undefined) return undefined
    part.lastIp = peer.ip
    part.lastNames = names
    part.lastPeer = peer
    return peer
  }

  /** Verdict and policies; undefined where they are of a kind that only the decoder of parsed records knows. */
  judgementOf(part: EventPart, verdict: string, number: number | undefined): Judgement | undefined {
    for (const known of part.judgements) if (known.verdict === verdict && known.number === number) return known
    const wire: Wire = { ...parsePart(`{${part.raw}}`), verdict, drop_reason: number }
    const judged = judge(wire, part.eventType, part.direction)
    if (!judged) return undefined
    const judgement = { verdict, number, dropReason: dropReason(wire), judged: this.internJudged(judged) }
    part.judgements = [...(part.judgements.length < MOST_JUDGEMENTS ? part.judgements : []), judgement]
    return judgement
  }

  private makePeer(part: EndpointPart, key: string, ip: string, names: readonly string[]): Peer | undefined {
    if (canonicalIp(ip) !== ip) return undefined
    // The address is part of a large text, which would be kept with it.
    const own = Buffer.from(ip, 'latin1').toString('latin1')
    const peer = Object.freeze(peerOf(parsePart(part.raw) ?? {}, own, names))
    if (part.peers.size >= MOST_PEERS) part.peers.clear()
    part.peers.set(names.length === 0 ? own : key, peer)
    this.endpoints.charge(PEER_CHARS)
    return peer
  }

  private placeOf(wire: Wire): PlacePart | null {
    const node = text(wire, 'node_name')
    const type = field(wire, 'Type')
    if (!node || type === 'L7' || type === 2) return null
    const shown = texts(wire, 'destination_names', 8)
    return {
      node,
      cluster: clusterOfNode(node),
      sourceNames: this.internNames(texts(wire, 'source_names')),
      destinationNames: this.internNames(texts(wire, 'destination_names')),
      shownNames: shown.length > 0 ? this.internNames(shown) : undefined,
    }
  }

  private internNames(names: readonly string[]): readonly string[] {
    return names.length === 0 ? NO_NAMES : this.nameLists.intern(JSON.stringify(names), names)
  }

  private internJudged(judged: Judged): Judged {
    return this.judged.intern(JSON.stringify(judged), judged)
  }
}

const NO_NAMES: readonly string[] = []

function eventOf(wire: Wire, raw: string): EventPart | null {
  const eventType = eventTypeOf(wire)
  if (eventType !== undefined && (eventType === EVENT.l7 || NO_TRAFFIC.has(eventType))) return null
  return {
    raw,
    eventType,
    direction: enumName(wire, 'traffic_direction', DIRECTION),
    point: observationPoint(wire, eventType),
    isReply: flag(wire, 'is_reply'),
    isNew: isNewTrace(wire, eventType),
    judgements: [],
  }
}

const hasOnly = (wire: Wire, keys: ReadonlySet<string>): boolean => Object.keys(wire).every((key) => keys.has(key))

/** The record that a text is, or null: a part that is cut wrongly is no JSON. */
function parsePart(text: string): Wire | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && isShallow(value, MOST_LEVELS) ? value : null
  } catch {
    return null
  }
}

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))
