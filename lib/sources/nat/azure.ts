import { MINUTE_MS } from '@/lib/model/units'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { addressOf } from './conntrack-event'
import { createJsonLogDecoder, type Fields, isInside, keyOfParts, type Reading, textOf, timeOf } from './json-log'
import { rawOfFields } from './raw'

/** What Azure's network flow logs lack, for whoever sends them. */
export const NO_NAT_IN_VNET_LOGS =
  'VNet and NSG flow logs carry no NAT address: send NatGatewayFlowlogsV1 to azure-natgw'

/** Azure spells a column differently by destination (`SourceIP`, `sourceIp`), on the record or below `properties`. */
function memberOf(record: Fields, ...names: readonly string[]): unknown {
  const wanted = new Set(names)
  const nested = isRecord(record.properties) ? record.properties : parsed(record.properties)
  for (const fields of [record, nested])
    for (const key of Object.keys(fields)) if (wanted.has(key.toLowerCase())) return fields[key]
  return undefined
}

/** Some services write `properties` as JSON text. */
function parsed(value: unknown): Fields {
  if (typeof value !== 'string' || value.length > 64 * 1024) return {}
  try {
    const inner: unknown = JSON.parse(value)
    return isRecord(inner) ? inner : {}
  } catch {
    return {}
  }
}

const isVnetFlowLog = (record: Fields): boolean =>
  'flowRecords' in record || (isRecord(record.properties) && 'flows' in record.properties)

/**
 * Decoder of StandardV2 NAT gateway flow logs (`NatGatewayFlowlogsV1`), as Azure Monitor writes them to storage, Event Hubs and Log
 * Analytics. They tell addresses without ports or protocol, so they hint and never prove. The window is a minute; whether the
 * time is its beginning or its end is not documented, so the record covers both. Identity: addresses and time.
 */
export const createAzureNatgwDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: (record) => isVnetFlowLog(record) || memberOf(record, 'natgatewayip') !== undefined,
    read: readNatgw,
    advice: 'send records of the category NatGatewayFlowlogsV1',
  })

function readNatgw(record: Fields): Reading {
  if (isVnetFlowLog(record)) return { reason: 'unsupported_dialect', detail: NO_NAT_IN_VNET_LOGS }
  const originalIp = addressOf(memberOf(record, 'sourceip'))
  const destinationIp = addressOf(memberOf(record, 'destinationip'))
  const translatedIp = addressOf(memberOf(record, 'natgatewayip'))
  if (!originalIp || !destinationIp || !translatedIp)
    return { reason: 'bad_value', detail: 'SourceIP, DestinationIP or NatGatewayIP cannot be read' }
  const time = memberOf(record, 'timegenerated', 'time')
  const atMs = timeOf(time)
  if (atMs === undefined) return { reason: 'missing_time', detail: 'TimeGenerated or time is missing' }
  const addresses = { originalIp, destinationIp, translatedIp }
  return {
    record: {
      source: 'azure-natgw',
      recordKey: keyOfParts('azure-natgw', addresses, atMs),
      ...addresses,
      atMs: atMs - MINUTE_MS,
      endMs: atMs + MINUTE_MS,
      raw: rawOfFields({ time, SourceIP: originalIp, DestinationIP: destinationIp, NatGatewayIP: translatedIp }),
    },
  }
}

/**
 * Decoder of Azure OpenAI's `RequestResponse` diagnostics. An address with a masked last octet (also `.0`, which may be a mask)
 * cannot be compared with a sanctioned one: 'no_caller_address'. Private addresses came over a private endpoint:
 * 'private_link'. Other categories are 'not_inference'. Identity: correlation id, time, caller.
 */
export const createAzureOpenAiDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: (record) =>
      memberOf(record, 'category') !== undefined && memberOf(record, 'time', 'timegenerated') !== undefined,
    read: readOpenAi,
    advice: 'send records of the category RequestResponse',
  })

function readOpenAi(record: Fields): Reading {
  if (memberOf(record, 'category') !== 'RequestResponse') return { ignore: 'not_inference' }
  const caller = textOf(memberOf(record, 'calleripaddress')) ?? ''
  const translatedIp = addressOf(caller)
  if (!translatedIp || /^[\d.]+\.0$/.test(translatedIp)) return { ignore: 'no_caller_address' }
  if (isInside(translatedIp)) return { ignore: 'private_link' }
  const time = memberOf(record, 'time', 'timegenerated')
  const atMs = timeOf(time)
  if (atMs === undefined) return { reason: 'missing_time', detail: 'time or TimeGenerated cannot be read' }
  const resource = textOf(memberOf(record, 'resourceid', '_resourceid'))
  const account = /\/accounts\/([a-z0-9-]{1,64})$/i.exec(resource ?? '')?.[1]?.toLowerCase()
  if (!account) return { reason: 'missing_endpoints', detail: 'resourceId names no account' }
  const principal = textOf(memberOf(record, 'objectid', 'identity'))
  const correlation = textOf(memberOf(record, 'correlationid'))
  const operation = textOf(memberOf(record, 'operationname'))
  return {
    record: {
      source: 'azure-openai',
      recordKey: keyOfParts('azure-openai', correlation ?? null, atMs, caller, account, operation ?? null),
      atMs,
      translatedIp,
      destinationHost: `${account}.openai.azure.com`,
      ...(principal && { principal }),
      raw: rawOfFields({ time, operationName: operation, account, callerIpAddress: caller, principal }),
    },
  }
}
