import type { BatchDecoder } from '@/lib/sources/decoder'
import { addressOf } from './conntrack-event'
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

const CALLS: ReadonlySet<unknown> = new Set([
  'InvokeModel',
  'InvokeModelWithResponseStream',
  'InvokeModelWithBidirectionalStream',
  'Converse',
  'ConverseStream',
])
const BEDROCK = /^bedrock(?:-runtime)?\.amazonaws\.com$/
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * Decoder of CloudTrail events of Bedrock calls: who called a model, from which address. Files of a trail (`{"Records":[…]}`) and
 * single events. Calls through a VPC endpoint or from a private address never left by a public one: 'private_link'. A
 * service's name in place of an address is 'no_caller_address'; everything but calls of models is 'not_inference'. Request
 * parameters other than the model's id are dropped. Identity: `eventID`, else what was read. Times are whole seconds.
 */
export const createCloudTrailDecoder = (): BatchDecoder =>
  createJsonLogDecoder({
    isBare: (event) => 'eventSource' in event && 'eventName' in event,
    read: readEvent,
    advice: 'send events of CloudTrail: {"Records":[…]} or one event a line',
  })

function readEvent(event: Fields): Reading {
  const source = textOf(event.eventSource) ?? ''
  if (!BEDROCK.test(source) || !CALLS.has(event.eventName)) return { ignore: 'not_inference' }
  if (textOf(event.vpcEndpointId)) return { ignore: 'private_link' }
  const caller = textOf(event.sourceIPAddress) ?? ''
  const translatedIp = addressOf(caller)
  if (!translatedIp) return { ignore: 'no_caller_address' }
  if (isInside(translatedIp)) return { ignore: 'private_link' }
  const atMs = timeOf(event.eventTime)
  if (atMs === undefined) return { reason: 'missing_time', detail: 'eventTime is missing' }
  const principal = textOf(childOf(event, 'userIdentity').arn)
  const destinationHost = hostOf(event)
  if (!destinationHost) return { reason: 'missing_endpoints', detail: 'neither tlsDetails nor awsRegion names a host' }
  const modelId = textOf(childOf(event, 'requestParameters').modelId)
  return {
    record: {
      source: 'cloudtrail',
      recordKey: keyOfParts('cloudtrail', textOf(event.eventID) ?? [atMs, caller, principal ?? null, modelId ?? null]),
      atMs,
      translatedIp,
      destinationHost,
      ...(principal && { principal }),
      raw: rawOfFields({
        eventTime: textOf(event.eventTime),
        eventName: event.eventName,
        sourceIPAddress: caller,
        host: destinationHost,
        modelId,
        principal,
        eventID: textOf(event.eventID),
      }),
    },
  }
}

function hostOf(event: Fields): string | undefined {
  const told = textOf(childOf(event, 'tlsDetails').clientProvidedHostHeader)?.toLowerCase().replace(/:\d+$/, '')
  if (told && HOST.test(told)) return told
  const region = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d$/.exec(textOf(event.awsRegion) ?? '')?.[0]
  return region && `bedrock-runtime.${region}.amazonaws.com`
}
