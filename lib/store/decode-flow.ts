import 'server-only'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { type FlowParts, NS_PER_MS, type RawEntry, rfc3339 } from './flow-form'

/** The flow that `encodeFlow` took apart. */
export function decodeFlow(parts: FlowParts): ClusteredFlow {
  const { client, server, frame, startNs, recordId, rest } = parts
  if (rest.flow) return rest.flow
  const startMs = rest.startMs ?? Number(startNs / BigInt(NS_PER_MS))
  const recordKey = rest.recordKey ?? recordId
  const clientPort = parts.clientPort ?? rest.clientPort
  const { counts = rest.counts ?? NOTHING, l7, ...framed } = frame.flow
  return {
    ...framed,
    client,
    server,
    recordKey,
    startMs,
    endMs: rest.endMs ?? startMs,
    counts,
    raw: rawOf(parts, recordKey),
    ...(clientPort !== undefined && { clientPort }),
    ...(l7 && { l7: { ...l7, ...rest.l7 } }),
    ...(rest.sibling && { sibling: rest.sibling }),
    ...(rest.traceId !== undefined && { traceId: rest.traceId }),
    ...(rest.dnsAnswer && { dnsAnswer: rest.dnsAnswer }),
  }
}

const NOTHING = { connections: 0, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 }

function rawOf({ client, server, frame, startNs, rest }: FlowParts, recordKey: string): ClusteredFlow['raw'] {
  const values = [...(rest.raw ?? [])]
  const milliseconds = Number(startNs / BigInt(NS_PER_MS))
  const subMsNs = Number(startNs % BigInt(NS_PER_MS))
  const memberOf = ([, value, source]: RawEntry): unknown => {
    switch (source) {
      case undefined:
        return value
      case 'trimmed':
      case 'fixed3':
      case 'fixed6':
      case 'fixed9':
        return rfc3339(milliseconds, subMsNs, source)
      case 'key':
        return recordKey
      case 'node':
        return frame.flow.node
      case 'clientIp':
        return client.ip
      case 'serverIp':
        return server.ip
      case 'clientNames':
        return client.dnsNames
      case 'serverNames':
        return server.dnsNames
      case 'rest':
        return values.shift()
    }
  }
  // Not by assignment: a member may be called `__proto__`.
  return Object.fromEntries(frame.raw.map((entry) => [entry[0], memberOf(entry)]))
}
