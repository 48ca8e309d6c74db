import type { SpanKind, SpanPeer } from '@/lib/model/span'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { countOf, textOf } from './attributes'
import { type Place, placeOfAddress, placeOfUrl, portOfScheme, validPort } from './host'
import { upstreamPlace } from './mesh'
import type { WireAttributes } from './wire'

const SERVICE_NAMES = ['service.peer.name', 'peer.service']
const SERVER_NAMES = ['server.address']
const URLS = ['url.full', 'http.url']
const API_BASES = ['gen_ai.openai.api_base', 'gen_ai.endpoint', 'llm.api_base', 'api_base']
const OLD_NAMES = ['net.peer.name', 'http.host']
const ADDRESSES = ['network.peer.address', 'net.sock.peer.addr', 'net.peer.ip']
const SERVER_PORTS = ['server.port', 'net.peer.port']
const ADDRESS_PORTS = ['network.peer.port', 'net.sock.peer.port']
const SCHEMES = ['url.scheme', 'http.scheme']
const DB_SYSTEMS = ['db.system.name', 'db.system']
const DB_NAMES = ['db.namespace', 'db.name', 'db.mssql.instance_name']
/** Old values of `db.system` whose words the stable conventions changed (formats: OTLP §2.3). */
const DB_RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mssql: 'microsoft.sql_server',
    oracle: 'oracle.db',
    db2: 'ibm.db2',
    dynamodb: 'aws.dynamodb',
    redshift: 'aws.redshift',
    cosmosdb: 'azure.cosmosdb',
    spanner: 'gcp.spanner',
    hanadb: 'sap.hana',
  }),
)

/** GenAI instrumentations leave the port out where it is 443 (opentelemetry-python-contrib, opentelemetry-util-genai). */
const AI_DEFAULT_PORT = 443

/** Keys that this file reads. */
export const PEER_KEYS: readonly string[] = [
  ...SERVICE_NAMES,
  ...SERVER_NAMES,
  ...URLS,
  ...API_BASES,
  ...OLD_NAMES,
  ...ADDRESSES,
  ...SERVER_PORTS,
  ...ADDRESS_PORTS,
  ...SCHEMES,
  ...DB_SYSTEMS,
  ...DB_NAMES,
]

/** What a span names its peer by, best first. formats: OTel general, HTTP and database conventions, new names then old. */
const NAMINGS: readonly {
  readonly by: SpanPeer['namedBy']
  readonly place: (attributes: WireAttributes) => Place | undefined
}[] = [
  { by: 'peer.service', place: (attributes) => serviceName(attributes) },
  { by: 'server.address', place: (attributes) => upstreamPlace(attributes) },
  { by: 'server.address', place: (attributes) => placeOfAddress(textOf(attributes, SERVER_NAMES, 2048)) },
  { by: 'url', place: (attributes) => placeOfUrl(textOf(attributes, URLS, 2048)) },
  { by: 'api_base', place: (attributes) => placeOfAddress(textOf(attributes, API_BASES, 2048)) },
  { by: 'server.address', place: (attributes) => placeOfAddress(textOf(attributes, OLD_NAMES, 2048)) },
  { by: 'network.peer.address', place: (attributes) => addressOnly(attributes) },
  { by: 'db', place: (attributes) => database(attributes) },
]

/**
 * Where a call went, by the best name that the span has; undefined for spans that receive (on SERVER and CONSUMER spans
 * `server.address` is the emitter itself) and for spans without any name. Userinfo, path and query never get in.
 * `isAiCall` says that a missing port means the conventions' default.
 */
export function peerOf(attributes: WireAttributes, kind: SpanKind, isAiCall = false): SpanPeer | undefined {
  if (kind === 'server' || kind === 'consumer') return undefined
  const dbName = database(attributes)?.name
  for (const naming of NAMINGS) {
    const place = naming.place(attributes)
    if (!place) continue
    const port = portOf(attributes, place) ?? (isAiCall && !place.ip ? AI_DEFAULT_PORT : undefined)
    const ip = place.ip ?? canonicalIp(textOf(attributes, ADDRESSES))
    const host = naming.by === 'peer.service' ? hostOf(attributes) : undefined
    return {
      name: place.name,
      namedBy: naming.by,
      ...(host && host !== place.name && { host }),
      ...(port && { port }),
      ...(ip && { ip }),
      ...(dbName && { database: dbName }),
    }
  }
  return undefined
}

/** The host beside a service's given name: providers are told by host, and `peer.service` may be any word. */
function hostOf(attributes: WireAttributes): string | undefined {
  const place =
    placeOfAddress(textOf(attributes, SERVER_NAMES, 2048)) ??
    placeOfUrl(textOf(attributes, URLS, 2048)) ??
    placeOfAddress(textOf(attributes, [...API_BASES, ...OLD_NAMES], 2048))
  return place?.name
}

function serviceName(attributes: WireAttributes): Place | undefined {
  const place = placeOfAddress(textOf(attributes, SERVICE_NAMES, 2048))
  return place && { name: place.name, ...(place.port && { port: place.port }) }
}

function addressOnly(attributes: WireAttributes): Place | undefined {
  const ip = canonicalIp(textOf(attributes, ADDRESSES))
  const port = validPort(countOf(attributes, ADDRESS_PORTS))
  return ip ? { name: ip, ip, ...(port && { port }) } : undefined
}

/** A database call without a host: `postgresql/shop`. In-process databases have no peer. */
function database(attributes: WireAttributes): Place | undefined {
  const system = textOf(attributes, DB_SYSTEMS, 64)?.toLowerCase()
  if (!system || /[@?=/]/.test(system) || /^(?:sqlite|h2|hsqldb|derby|duckdb|other_sql|unknown)$/.test(system))
    return undefined
  const name = textOf(attributes, DB_NAMES, 128)?.toLowerCase()
  const word = DB_RENAMED.get(system) ?? system
  // A connection string in the place of a name may hold a password.
  return { name: name && !/^\d+$|[@?=]|:\/\//.test(name) ? `${word}/${name}` : word }
}

/** The port that was addressed: said outright, in the name, in the URL, by the scheme, else the socket's. */
function portOf(attributes: WireAttributes, place: Place): number | undefined {
  return (
    validPort(countOf(attributes, SERVER_PORTS)) ??
    place.port ??
    placeOfUrl(textOf(attributes, URLS, 2048))?.port ??
    portOfScheme(textOf(attributes, SCHEMES, 16)) ??
    validPort(countOf(attributes, ADDRESS_PORTS))
  )
}
