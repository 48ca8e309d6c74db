import 'server-only'
import type { ConnectionFacts, ConnectionSighting, TranslatedClaim } from '@/lib/model/connection-facts'
import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import { contentId } from './content-id'
import { compareText } from './row-order'

/** A quiet connection counts as open this long: monitors repeat a live one every few seconds, NAT forgets one in minutes. */
export const OPEN_MS = 5 * MINUTE_MS
/** Records of one opening (verdict, trace at each point) lie within this; a later opening of the tuple is another one. */
const OPENING_MS = 3 * SECOND_MS
/** A refused connection is retried with the same port; within this it is the same attempt. */
const RETRY_MS = MINUTE_MS
const MOST_RECORDS = 20
const MOST_CLAIMS = 8

export interface PlacedSighting extends ConnectionSighting {
  readonly dataset: string
  readonly cluster: string
  readonly edgeId: string
  readonly recordId: string
}

/** A row of egress_connection while it is being worked on. */
export interface Connection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly edgeId: string
  readonly protocol: string
  readonly clientIp?: string
  clientPort?: number
  readonly serverIp?: string
  readonly serverPort: number
  /** `firstMs` of the row as stored, part of its key; absent on new ones. */
  readonly storedMs?: number
  firstMs: number
  lastMs: number
  weight: number
  blocked: boolean
  broken: boolean
  facts: ConnectionFacts
  /** Something that a judgement depends on changed. */
  isDirty: boolean
}

/**
 * Adds sightings to the connections that they belong to, or opens new ones; changes `open` in place and answers those that
 * changed. One tuple is one connection until it is opened again or quiet for 5 minutes. Order of arrival matters little:
 * sightings are taken by time.
 */
export function groupConnections(open: readonly Connection[], sightings: readonly PlacedSighting[]): Connection[] {
  const byPlace = new Map<string, Connection[]>()
  const at = (place: string): Connection[] => {
    const list = byPlace.get(place) ?? []
    byPlace.set(place, list)
    return list
  }
  const ends = byEnds(open)
  for (const connection of open) at(placeOf(connection)).push(connection)
  const changed = new Set<Connection>()
  const ordered = [...sightings].sort(
    (a, b) => a.atMs - b.atMs || Number(b.isOpening) - Number(a.isOpening) || compareText(a.recordId, b.recordId),
  )
  for (const sighting of ordered) {
    const here = at(placeOf(sighting))
    const found = sighting.isPassing ? findPassed(ends.of(sighting), here, sighting) : find(here, sighting)
    const connection = found?.connection ?? openConnection(here, sighting)
    if (!found) ends.add(connection)
    apply(connection, sighting, found?.isOnly ?? true)
    changed.add(connection)
  }
  return [...changed]
}

/**
 * Gives what only nodes on the way tell of to the connection that the pod's own node tells of, on whatever edge it lies: in this
 * order of arrival it comes to what groupConnections does in the other. Changes those of `connections` that get something and answers
 * them, and those that are thereby nothing of their own any more.
 */
export function givePassed(connections: readonly Connection[]): {
  readonly changed: Connection[]
  readonly gone: ReadonlySet<Connection>
} {
  const changed = new Set<Connection>()
  const gone = new Set<Connection>()
  const ends = byEnds(connections)
  const passed = connections.filter(({ facts }) => facts.isPassing)
  for (const connection of [...passed].sort((a, b) => a.firstMs - b.firstMs || compareText(a.id, b.id))) {
    const found = findPassed(ends.of(connection), [], sightingOf(connection))
    if (!found) continue
    takeOver(found.connection, connection, found.isOnly)
    changed.add(found.connection)
    gone.add(connection)
  }
  return { changed: [...changed], gone }
}

type Ends = Pick<Connection, 'cluster' | 'protocol' | 'clientIp' | 'serverIp' | 'serverPort'>

/** Connections by all that a node on the way knows of them. */
function byEnds(connections: readonly Connection[]) {
  const lists = new Map<string, Connection[]>()
  const keyOf = (item: Ends): string =>
    [item.cluster, item.protocol, item.clientIp, item.serverIp, item.serverPort].join('\n')
  const add = (connection: Connection): void => {
    const key = keyOf(connection)
    const list = lists.get(key)
    if (list) list.push(connection)
    else lists.set(key, [connection])
  }
  for (const connection of connections) add(connection)
  return { add, of: (item: Ends): readonly Connection[] => lists.get(keyOf(item)) ?? [] }
}

/** What the pod's own node tells of, by whatever name; else what was seen on the way before. */
function findPassed(
  alike: readonly Connection[],
  here: readonly Connection[],
  sighting: PlacedSighting,
): Found | undefined {
  const { pod } = sighting
  const own = alike.filter(({ facts }) => !facts.isPassing && (!pod || !facts.pod || facts.pod === pod))
  return (
    find(own, sighting) ??
    find(
      here.filter(({ facts }) => facts.isPassing),
      sighting,
    )
  )
}

/** What was seen on the way, as one record of it. */
function sightingOf({ facts, ...connection }: Connection): PlacedSighting {
  const { openedMs, pod } = facts
  return {
    ...connection,
    recordId: '',
    recordKey: '',
    atMs: openedMs ?? connection.firstMs,
    endMs: connection.lastMs,
    isAggregate: false,
    isOpening: openedMs !== undefined,
    isBlocked: connection.blocked,
    isBroken: connection.broken,
    bytesSent: 0,
    ...(pod && { pod }),
  }
}

/** The names stay behind: nodes on the way know at most what others asked for. */
function takeOver(connection: Connection, passed: Connection, isOnly: boolean): void {
  const { facts } = connection
  const opened = [facts.openedMs, passed.facts.openedMs].filter((ms) => ms !== undefined)
  connection.firstMs = Math.min(connection.firstMs, passed.firstMs)
  connection.lastMs = Math.max(connection.lastMs, passed.lastMs)
  // Even where nothing was claimed: it was a neighbour of its own before.
  connection.isDirty = true
  connection.facts = {
    ...facts,
    translated: passed.facts.translated.reduce(
      (claims, claim) => addClaim(claims, { ...claim, isOnlyCandidate: claim.isOnlyCandidate && isOnly }),
      facts.translated,
    ),
    recordIds: passed.facts.recordIds.reduce(withRecord, facts.recordIds),
    ...(opened.length > 0 && { openedMs: Math.min(...opened) }),
  }
}

/** A new one; the one that has its id already, where records of one moment disagree on whether that was the opening. */
function openConnection(here: Connection[], sighting: PlacedSighting): Connection {
  const opened = newConnection(sighting)
  const known = here.find((item) => item.id === opened.id)
  if (known) return known
  here.push(opened)
  return opened
}

/** Where candidates for one another are: all but the client's port. */
const placeOf = (item: Pick<Connection, 'edgeId' | 'clientIp' | 'serverIp'>): string =>
  `${item.edgeId}\n${item.clientIp ?? ''}\n${item.serverIp ?? ''}`

interface Found {
  readonly connection: Connection
  readonly isOnly: boolean
}

function find(here: readonly Connection[], sighting: PlacedSighting): Found | undefined {
  if (sighting.isAggregate) return findAggregate(here, sighting)
  const alike = here.filter(
    (connection) =>
      connection.blocked === sighting.isBlocked &&
      // What was seen on the way goes to the nearest, once all are known (givePassed), and not to whoever comes first.
      (sighting.isPassing || !connection.facts.isPassing) &&
      sharesFate(connection, sighting) &&
      belongs(connection, sighting),
  )
  const exact =
    sighting.clientPort === undefined ? alike : alike.filter((item) => item.clientPort === sighting.clientPort)
  const nearest = nearestOf(exact, sighting)
  if (nearest) return { connection: nearest, isOnly: exact.length === 1 }
  // Seen first where the port was already translated: now its port is known.
  const portless = alike.filter((item) => item.clientPort === undefined && isNear(item.firstMs, sighting.atMs))
  const adopted = nearestOf(portless, sighting)
  return adopted && { connection: adopted, isOnly: true }
}

/** An aggregate that opened none goes on with the last one; one that opened some is a row of its own. */
function findAggregate(here: readonly Connection[], sighting: PlacedSighting): Found | undefined {
  const own = here.find((item) => item.id === connectionId(sighting))
  if (own) return { connection: own, isOnly: true }
  if (sighting.isOpening) return undefined
  const alive = here.filter((item) => item.blocked === sighting.isBlocked && isOpenAt(item, sighting.atMs))
  const nearest = nearestOf(alive, sighting)
  return nearest && { connection: nearest, isOnly: true }
}

/**
 * A gateway that was missing lets nothing out: what left before, from the same port, is another connection, and stays what it was.
 * The verdict on the very packet that the gateway then dropped is the same one's.
 */
const sharesFate = (connection: Connection, { isBroken, isOpening, atMs }: PlacedSighting): boolean =>
  isBroken === connection.broken || (!isBroken && !isOpening) || isNear(connection.firstMs, atMs)

/** Whether a sighting can be of this connection, ports aside. */
function belongs(connection: Connection, sighting: PlacedSighting): boolean {
  if (!isOpenAt(connection, sighting.atMs)) return false
  if (!sighting.isOpening) return true
  const { openedMs } = connection.facts
  // Only later packets were seen so far: this is their opening, unless it came after them.
  if (openedMs === undefined) return sighting.atMs <= connection.firstMs + OPENING_MS
  if (sighting.isBlocked)
    return sighting.atMs >= connection.firstMs - RETRY_MS && sighting.atMs <= connection.lastMs + RETRY_MS
  return isNear(openedMs, sighting.atMs)
}

const isNear = (aMs: number, bMs: number): boolean => Math.abs(aMs - bMs) <= OPENING_MS
const isOpenAt = (connection: Connection, atMs: number): boolean =>
  atMs >= connection.firstMs - OPEN_MS && atMs <= connection.lastMs + OPEN_MS

/** The connection that began last before the sighting, else the one that begins soonest after it. */
function nearestOf(candidates: readonly Connection[], sighting: PlacedSighting): Connection | undefined {
  const distance = (item: Connection): number =>
    item.firstMs <= sighting.atMs + OPENING_MS
      ? Math.abs(sighting.atMs - item.firstMs)
      : OPEN_MS * 1000 + item.firstMs - sighting.atMs
  let best: Connection | undefined
  for (const item of candidates) if (!best || distance(item) < distance(best)) best = item
  return best
}

function newConnection(sighting: PlacedSighting): Connection {
  return {
    id: connectionId(sighting),
    dataset: sighting.dataset,
    cluster: sighting.cluster,
    edgeId: sighting.edgeId,
    protocol: sighting.protocol,
    serverPort: sighting.serverPort,
    firstMs: sighting.atMs,
    lastMs: sighting.endMs,
    weight: sighting.weight,
    blocked: sighting.isBlocked,
    broken: sighting.isBroken,
    facts: { translated: [], recordIds: [], ...(sighting.isPassing && { isPassing: true }) },
    isDirty: true,
    ...(sighting.clientIp && { clientIp: sighting.clientIp }),
    ...(sighting.clientPort && { clientPort: sighting.clientPort }),
    ...(sighting.serverIp && { serverIp: sighting.serverIp }),
  }
}

const connectionId = (sighting: PlacedSighting): string =>
  sighting.isAggregate
    ? contentId('connection', sighting.edgeId, sighting.aggregateKey ?? sighting.recordId)
    : contentId(
        'connection',
        sighting.edgeId,
        sighting.clientIp ?? '',
        sighting.clientPort ?? 0,
        sighting.serverIp ?? '',
        sighting.atMs,
        sighting.isBlocked,
      )

function apply(connection: Connection, sighting: PlacedSighting, isOnly: boolean): void {
  connection.firstMs = Math.min(connection.firstMs, sighting.atMs)
  connection.lastMs = Math.max(connection.lastMs, sighting.endMs)
  // An aggregate told again with grown counters stands for more connections.
  if (sighting.isAggregate && connection.id === connectionId(sighting) && connection.weight !== sighting.weight) {
    connection.weight = sighting.weight
    connection.isDirty = true
  }
  if (sighting.isBroken && !connection.broken) {
    connection.broken = true
    connection.isDirty = true
  }
  if (sighting.clientPort !== undefined && connection.clientPort === undefined) {
    connection.clientPort = sighting.clientPort
    connection.isDirty = true
  }
  const before = connection.facts
  connection.facts = withSighting(before, sighting, isOnly)
  // A new claim, name, label set or account can change the judgement; one more record id cannot.
  const relevant = (facts: ConnectionFacts) =>
    JSON.stringify([
      facts.translated,
      facts.labels ?? null,
      facts.serviceAccount ?? null,
      facts.dnsNames ?? null,
      facts.fqdnSelectors ?? null,
      facts.isPassing ?? null,
    ])
  if (relevant(before) !== relevant(connection.facts)) connection.isDirty = true
}

function withSighting(facts: ConnectionFacts, sighting: PlacedSighting, isOnly: boolean): ConnectionFacts {
  const openedMs = sighting.isOpening ? Math.min(facts.openedMs ?? sighting.atMs, sighting.atMs) : facts.openedMs
  const openedToMs = openedToOf(facts, sighting)
  const pod = facts.pod ?? sighting.pod
  const labels = facts.labels ?? sighting.labels
  const serviceAccount = facts.serviceAccount ?? sighting.serviceAccount
  const names = [...new Set([...(facts.dnsNames ?? []), ...(sighting.dnsNames ?? [])])].slice(0, LIMITS.dnsNames + 1)
  const isOfOthers = sighting.isPassing && !facts.isPassing
  const patterns = [
    ...new Set([...(facts.fqdnSelectors ?? []), ...((!isOfOthers && sighting.fqdnSelectors) || [])]),
  ].slice(0, LIMITS.dnsNames + 1)
  return {
    translated: withClaim(facts.translated, sighting, isOnly),
    recordIds: withRecord(facts.recordIds, sighting.recordId),
    ...(openedMs !== undefined && { openedMs }),
    ...(openedToMs !== undefined && { openedToMs }),
    ...(pod && { pod }),
    ...(labels && { labels }),
    ...(serviceAccount && { serviceAccount }),
    ...(names.length > 0 && { dnsNames: names }),
    ...(patterns.length > 0 && { fqdnSelectors: patterns }),
    ...(facts.askedNames && { askedNames: facts.askedNames }),
    ...(facts.isPassing && sighting.isPassing && { isPassing: true }),
  }
}

/** A record of an interval does not tell when in it a connection was opened. */
function openedToOf(facts: ConnectionFacts, { isOpening, atMs, endMs }: PlacedSighting): number | undefined {
  if (!isOpening || endMs <= atMs) return facts.openedToMs
  return Math.max(facts.openedToMs ?? endMs, endMs)
}

const withRecord = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) || ids.length >= MOST_RECORDS ? ids : [...ids, id]

function withClaim(
  claims: readonly TranslatedClaim[],
  { translated, atMs, recordId, clientPort, isOpening }: PlacedSighting,
  isOnlyCandidate: boolean,
): readonly TranslatedClaim[] {
  if (!translated) return claims
  const { ip, isEgressObservation } = translated
  return addClaim(claims, {
    ip,
    isEgressObservation,
    atMs,
    isOnlyCandidate,
    recordId,
    ...(clientPort === undefined && { isOpening }),
  })
}

/** The same address claimed again, no better than before, adds nothing. */
function addClaim(claims: readonly TranslatedClaim[], added: TranslatedClaim): readonly TranslatedClaim[] {
  const isKnown = claims.some(
    (claim) =>
      claim.ip === added.ip &&
      (claim.isEgressObservation || !added.isEgressObservation) &&
      (claim.isOnlyCandidate || !added.isOnlyCandidate) &&
      sureness(claim) >= sureness(added),
  )
  return isKnown || claims.length >= MOST_CLAIMS ? claims : [...claims, added]
}

/** By its port one is known; by its opening it is told from those that opened at other times. */
const sureness = ({ isOpening }: TranslatedClaim): number => (isOpening === undefined ? 2 : isOpening ? 1 : 0)
