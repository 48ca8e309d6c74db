import type { BatchDecoder, LineDecoder } from '@/lib/sources/decoder'
import { createAwsVpcDecoder } from './aws-vpc'
import { createAzureNatgwDecoder, createAzureOpenAiDecoder, NO_NAT_IN_VNET_LOGS } from './azure'
import { createCloudTrailDecoder } from './cloudtrail'
import { createConntrackDecoder } from './conntrack'
import { createGcpAuditDecoder, createGcpNatDecoder, createGcpVpcDecoder } from './gcp'
import { createRefusingDecoder } from './refuse-all'

/** What a URL may say about a body beside its format. */
export interface NatDecoderOptions {
  /** Names of the columns of AWS flow logs that come without a header. */
  readonly fields?: readonly string[]
}

interface NatFormatEntry {
  /** `text-or-json`: told apart by the body's first character. */
  readonly kind: 'text-lines' | 'json-records' | 'text-or-json'
  /** `named`: the request says which hop of a path saw it. `provider`: the provider did, and no hop is asked for. */
  readonly hop: 'named' | 'provider'
  readonly createDecoder: (options?: NatDecoderOptions) => LineDecoder | BatchDecoder | (LineDecoder & BatchDecoder)
  /** What to send here, in a few words. */
  readonly hint: string
  readonly contentTypes: readonly string[]
}

const TEXT = ['text/plain', 'application/octet-stream']
const JSON_TYPES = ['application/json', 'application/x-ndjson', ...TEXT]
const ADMINISTRATIVE = 'administrative events only: they name no address of a call to a model'

const table = {
  'nat/conntrack': {
    kind: 'text-lines',
    hop: 'named',
    createDecoder: () => createConntrackDecoder(),
    hint: 'conntrack -E -o extended,timestamp,id (or xml), or ulogd2 JSON',
    contentTypes: TEXT,
  },
  'nat/aws-vpc': {
    kind: 'text-or-json',
    hop: 'named',
    createDecoder: (options) => createAwsVpcDecoder(options),
    hint: 'VPC flow logs of a NAT gateway with pkt-srcaddr and pkt-dstaddr',
    contentTypes: JSON_TYPES,
  },
  'nat/gcp-nat': {
    kind: 'json-records',
    hop: 'named',
    createDecoder: () => createGcpNatDecoder(),
    hint: 'Cloud NAT logs (nat_flows)',
    contentTypes: JSON_TYPES,
  },
  'nat/gcp-vpc': {
    kind: 'json-records',
    hop: 'named',
    createDecoder: () => createGcpVpcDecoder(),
    hint: 'VPC flow logs that carry a NAT address; they hint and never prove',
    contentTypes: JSON_TYPES,
  },
  'nat/azure-natgw': {
    kind: 'json-records',
    hop: 'named',
    createDecoder: () => createAzureNatgwDecoder(),
    hint: 'NatGatewayFlowlogsV1 of a StandardV2 NAT gateway; they hint and never prove',
    contentTypes: JSON_TYPES,
  },
  'nat/azure-vnet': {
    kind: 'json-records',
    hop: 'named',
    createDecoder: () => createRefusingDecoder(NO_NAT_IN_VNET_LOGS),
    hint: 'nothing: VNet and NSG flow logs carry no NAT address',
    contentTypes: JSON_TYPES,
  },
  'nat/cloudtrail': {
    kind: 'json-records',
    hop: 'provider',
    createDecoder: () => createCloudTrailDecoder(),
    hint: 'CloudTrail events of Bedrock calls',
    contentTypes: JSON_TYPES,
  },
  'nat/gcp-audit': {
    kind: 'json-records',
    hop: 'provider',
    createDecoder: () => createGcpAuditDecoder(),
    hint: 'Data Access audit logs of Vertex AI',
    contentTypes: JSON_TYPES,
  },
  'nat/azure-openai': {
    kind: 'json-records',
    hop: 'provider',
    createDecoder: () => createAzureOpenAiDecoder(),
    hint: 'RequestResponse diagnostics of Azure OpenAI',
    contentTypes: JSON_TYPES,
  },
  'nat/openai-audit': {
    kind: 'json-records',
    hop: 'provider',
    createDecoder: () => createRefusingDecoder(`OpenAI audit logs: ${ADMINISTRATIVE}`),
    hint: 'nothing: administrative events',
    contentTypes: JSON_TYPES,
  },
  'nat/anthropic-compliance': {
    kind: 'json-records',
    hop: 'provider',
    createDecoder: () => createRefusingDecoder(`Anthropic's activity feed: ${ADMINISTRATIVE}`),
    hint: 'nothing: administrative events',
    contentTypes: JSON_TYPES,
  },
} as const satisfies Readonly<Record<`nat/${string}`, NatFormatEntry>>

type NatFormatKey = keyof typeof table
/** Last part of the path: `conntrack`. */
export type NatFormat = NatFormatKey extends `nat/${infer Name}` ? Name : never

/** Formats of NAT evidence, by their path below `/api/ingest/`. */
export const NAT_FORMATS: Readonly<Record<NatFormatKey, NatFormatEntry>> = table

export const isNatFormat = (name: string): name is NatFormat => Object.hasOwn(NAT_FORMATS, `nat/${name}`)

/** The formats with what each takes, for an answer to whoever asks for another one. */
export const natFormatList = (): string =>
  Object.entries(NAT_FORMATS)
    .map(([path, { hop, hint }]) => `/api/ingest/${path}${hop === 'named' ? '?hop=NAME' : ''} (${hint})`)
    .join('; ')
