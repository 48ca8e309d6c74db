import type { NatRecord } from '@/lib/model/nat-record'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { addressOf, portOf, portProtocol } from './conntrack-event'
import {
  childOf,
  createJsonLogDecoder,
  type Fields,
  isInside,
  keyOfParts,
  type Reading,
  textOf,
  timeOf,
} from './json-log'
import { rawOfFields } from './raw'

const isConnectionEntry = (entry: Fields): boolean =>
  isRecord(entry.jsonPayload) && isRecord(entry.jsonPayload.connection)

/**
 * Decoder of Cloud NAT logs (`nat_flows`): LogEntry objects as Cloud Logging exports them, alone, in lists or pushed by Pub/Sub.
 * Identity: both tuples and the time. An entry is written when a translation is made, so its time is the connection's
 * beginning; the end is not told. Refused allocations (`DROPPED`) never left and are 'no_translation'.
 */
export const createGcpNatDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: isConnectionEntry,
    read: (entry) => readConnection(entry, 'gcp-nat'),
    advice: 'send LogEntry objects of compute.googleapis.com/nat_flows',
  })

/**
 * Decoder of VPC flow logs that carry a NAT address in `connection`. They are sampled and aggregated, so they hint and never
 * prove. Identity: both tuples and the window. Records without a NAT address are 'no_translation'.
 */
export const createGcpVpcDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: isConnectionEntry,
    read: (entry) => readConnection(entry, 'gcp-vpc'),
    advice: 'send LogEntry objects of compute.googleapis.com/vpc_flows',
  })

function readConnection(entry: Fields, source: 'gcp-nat' | 'gcp-vpc'): Reading {
  const payload = childOf(entry, 'jsonPayload')
  const connection = childOf(payload, 'connection')
  if (payload.allocation_status === 'DROPPED') return { ignore: 'no_translation' }
  const protocol = portProtocol(connection.protocol)
  if (!protocol || connection.nat_ip === undefined) return { ignore: 'no_translation' }
  const originalIp = addressOf(connection.src_ip)
  const destinationIp = addressOf(connection.dest_ip)
  const translatedIp = addressOf(connection.nat_ip)
  const [originalPort, destinationPort] = [portOf(connection.src_port), portOf(connection.dest_port)]
  const translatedPort = portOf(connection.nat_port)
  if (!originalIp || !destinationIp || !translatedIp || originalPort === undefined || destinationPort === undefined)
    return { reason: 'bad_value', detail: 'an address or a port of jsonPayload.connection cannot be read' }
  if (source === 'gcp-nat' && translatedPort === undefined)
    return { reason: 'bad_value', detail: 'jsonPayload.connection.nat_port cannot be read' }
  const times = source === 'gcp-nat' ? { atMs: timeOf(entry.timestamp) } : windowOf(payload)
  const { atMs } = times
  if (atMs === undefined)
    return { reason: 'missing_time', detail: 'timestamp, or start_time and end_time, are missing' }
  const tuple = { protocol, originalIp, originalPort, destinationIp, destinationPort, translatedIp }
  const record: NatRecord = {
    source,
    recordKey: keyOfParts(source, tuple, translatedPort ?? null, times),
    ...tuple,
    ...times,
    atMs,
    ...(translatedPort !== undefined && { translatedPort }),
    raw: rawOfFields({
      logName: textOf(entry.logName),
      timestamp: textOf(entry.timestamp),
      gateway: textOf(childOf(payload, 'gateway_identifiers').gateway_name),
      vm: textOf(childOf(payload, 'endpoint').vm_name),
      connection: { ...tuple, translatedPort },
      allocation_status: textOf(payload.allocation_status),
    }),
  }
  return { record }
}

function windowOf(payload: Fields): { atMs?: number; endMs?: number } {
  const [start, end] = [timeOf(payload.start_time), timeOf(payload.end_time)]
  return start === undefined || end === undefined ? {} : { atMs: start, endMs: end }
}

const VERTEX = 'aiplatform.googleapis.com'

/**
 * Decoder of Data Access audit logs of Vertex AI: who called a model, from which address. Identity: the entry's `insertId`, else
 * what was read. Calls from inside Google's network (`callerIp` `private`, `gce-internal-ip`, or a private address) are
 * 'private_link'; everything but predictions is 'not_inference'. The host is that of the model's location.
 */
export const createGcpAuditDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: (entry) => isRecord(entry.protoPayload),
    read: readAudit,
    advice: 'send LogEntry objects of cloudaudit.googleapis.com/data_access',
  })

function readAudit(entry: Fields): Reading {
  const payload = childOf(entry, 'protoPayload')
  const method = textOf(payload.methodName) ?? ''
  if (payload.serviceName !== VERTEX || !/\bPredictionService\./.test(method)) return { ignore: 'not_inference' }
  const caller = textOf(childOf(payload, 'requestMetadata').callerIp) ?? ''
  if (caller === 'private' || caller === 'gce-internal-ip') return { ignore: 'private_link' }
  const translatedIp = addressOf(caller)
  if (!translatedIp) return { ignore: 'no_caller_address' }
  if (isInside(translatedIp)) return { ignore: 'private_link' }
  const atMs = timeOf(entry.timestamp)
  if (atMs === undefined) return { reason: 'missing_time', detail: 'timestamp is missing' }
  const who = childOf(payload, 'authenticationInfo')
  const subject = textOf(who.principalSubject)
  // With workload identity federation the subject names the Kubernetes service account; the e-mail is then empty.
  const principal = subject?.startsWith('principal://') ? subject : (textOf(who.principalEmail) ?? subject)
  const location = /\/locations\/([a-z0-9-]{1,40})\//.exec(`${textOf(payload.resourceName) ?? ''}/`)?.[1]
  const destinationHost = location && location !== 'global' ? `${location}-${VERTEX}` : VERTEX
  return {
    record: {
      source: 'gcp-audit',
      recordKey: keyOfParts('gcp-audit', textOf(entry.insertId) ?? null, atMs, principal ?? null, caller, method),
      atMs,
      translatedIp,
      destinationHost,
      ...(principal && { principal }),
      raw: rawOfFields({
        timestamp: textOf(entry.timestamp),
        methodName: method,
        resourceName: textOf(payload.resourceName),
        callerIp: caller,
        principal,
      }),
    },
  }
}
