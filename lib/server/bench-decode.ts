import { readFileSync } from 'node:fs'
import path from 'node:path'
import protobuf from 'protobufjs'
import goldmaneProtocol from '@/lib/collectors/calico/generated/protocol.json'
import { GOLDMANE } from '@/lib/collectors/calico/protocol'
import { encodeResponse } from '@/lib/collectors/hubble/encode-response'
import hubbleProtocol from '@/lib/collectors/hubble/generated/protocol.json'
import { OBSERVER } from '@/lib/collectors/hubble/protocol'
import type { DecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import type { BatchDecoder, LineDecoder } from '@/lib/sources/decoder'
import { createCalicoDnsDecoder } from '@/lib/sources/dns/calico-dns'
import { createCorednsDecoder } from '@/lib/sources/dns/coredns'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { recordFromProtobuf } from '@/lib/sources/hubble/from-protobuf'
import { createAwsVpcDecoder } from '@/lib/sources/nat/aws-vpc'
import { createConntrackDecoder } from '@/lib/sources/nat/conntrack'
import { createGcpNatDecoder } from '@/lib/sources/nat/gcp'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { decodeOtlpLogs } from '@/lib/sources/otlp/decode-logs'
import { type EncodableResourceSpans, encodeTracesJson, encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { SyslogFramer } from '@/lib/sources/syslog/frame-syslog'
import { readSyslogMessages } from '@/lib/sources/syslog/read-messages'
import * as records from './bench-records'

/** What decoding one format costs, beside the least that reading its bytes costs. */
export interface DecodeMeasured {
  readonly name: string
  /** What the limit is. */
  readonly limit: string
  readonly records: number
  readonly seconds: number
  readonly limitSeconds: number
}

interface DecodeStage {
  readonly name: string
  readonly limit: string
  readonly records: number
  /** Records that came out, or were ignored: fewer than `records` is a fault of the bench. */
  readonly decode: () => number
  readonly floor: () => unknown
}

const ROUNDS = 5
const root = path.resolve(import.meta.dirname, '../..')

/**
 * Every format, decoded as a body or a message of its carrier is, on one core: framing and JSON.parse included, nothing stored.
 * The best of five runs each, the limit's runs between them; generated records, the same ones for the same end.
 */
export function decodeStages(endMs: number, count: number): DecodeMeasured[] {
  // Made one by one, so that only one stage's records are held.
  return stagesOf(endMs, count).map((make) => {
    const { name, limit, records: expected, decode, floor } = make()
    let [seconds, limitSeconds] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let round = 0; round < ROUNDS; round += 1) {
      limitSeconds = Math.min(limitSeconds, secondsOf(floor))
      seconds = Math.min(
        seconds,
        secondsOf(() => {
          const got = decode()
          if (got < expected) throw new Error(`${name}: ${got} of ${expected} records were decoded`)
        }),
      )
    }
    return { name, limit, records: expected, seconds, limitSeconds }
  })
}

function secondsOf(run: () => unknown): number {
  const start = performance.now()
  run()
  return (performance.now() - start) / 1000
}

const taken = ({ flows, natRecords, dnsRecords, ignored, rejects }: DecodeResult): number => {
  if (rejects.length > 0) throw new Error(`rejected: ${JSON.stringify(rejects[0])}`)
  const ignoredCount = Object.values(ignored).reduce((sum, one) => sum + one, 0)
  return flows.length + natRecords.length + dnsRecords.length + ignoredCount
}

/** A body of JSON lines: the limit is JSON.parse of each line. */
function jsonStage(name: string, lines: readonly string[], create: () => BatchDecoder): DecodeStage {
  const body = Buffer.from(`${lines.join('\n')}\n`)
  return {
    name,
    limit: 'JSON.parse',
    records: lines.length,
    decode: () => {
      const decoder = create()
      const read = 'read' in decoder ? decoder.read : undefined
      const splitter = new JsonRecordSplitter({ maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting }, read)
      for (const one of [...splitter.push(body), ...splitter.end()])
        if ('value' in one) decoder.push(one.value, one.line)
      return taken(decoder.finish())
    },
    floor: () => parseAll(lines),
  }
}

function parseAll(lines: readonly string[]): number {
  let parsed = 0
  for (const line of lines) if (typeof JSON.parse(line) === 'object') parsed += 1
  return parsed
}

/** A body of text lines: the limit is UTF-8 and line ends. `extra` lines are no records. */
function textStage(name: string, lines: readonly string[], create: () => LineDecoder, extra = 0): DecodeStage {
  const body = Buffer.from(`${lines.join('\n')}\n`)
  return {
    name,
    limit: 'split',
    records: lines.length - extra,
    decode: () => {
      const decoder = create()
      for (const [index, line] of body.toString('utf8').split('\n').entries()) decoder.pushLine(line, index + 1)
      return taken(decoder.finish())
    },
    floor: () => body.toString('utf8').split('\n').length,
  }
}

/** Messages of a gRPC stream: the limit is protobufjs 8 with the same schema. */
function messageStage(
  name: string,
  messages: readonly Buffer[],
  type: protobuf.Type,
  read: (message: Buffer) => unknown,
  create: () => BatchDecoder,
): DecodeStage {
  return {
    name,
    limit: 'protobufjs',
    records: messages.length,
    decode: () => {
      const decoder = create()
      for (const [index, message] of messages.entries()) decoder.push(read(message), index + 1)
      return taken(decoder.finish())
    },
    floor: () => {
      for (const message of messages) type.decode(message)
    },
  }
}

const referenceType = (file: string, name: string): protobuf.Type =>
  protobuf
    .parse(readFileSync(path.join(root, `lib/sources/otlp/__fixtures__/${file}.proto`), 'utf8'))
    .root.lookupType(`reference.${name}`)

function stagesOf(endMs: number, count: number): (() => DecodeStage)[] {
  const { hubbleRecords, goldmaneRecords } = records
  return [
    () => jsonStage('Hubble, JSON', hubbleRecords(endMs, count), createHubbleDecoder),
    () => hubbleProtobufStage(hubbleRecords(endMs, count)),
    () => jsonStage('Goldmane, JSON', goldmaneRecords(endMs, count), createCalicoDecoder),
    () => goldmaneProtobufStage(goldmaneRecords(endMs, count)),
    () => jsonStage('Calico Enterprise, JSON', records.enterpriseRecords(endMs, count), createCalicoDecoder),
    () => jsonStage('Whisker, JSON', records.whiskerRecords(endMs, count), createCalicoDecoder),
    () => traceProtobufStage(records.spanExports(endMs, count), count),
    () => traceJsonStage(records.spanExports(endMs, count), count),
    () => logStage(goldmaneRecords(endMs, count)),
    () => textStage('conntrack, text', records.conntrackRecords(endMs, count), createConntrackDecoder),
    () => textStage('conntrack, XML', records.conntrackXmlRecords(endMs, count), createConntrackDecoder),
    () => ulogdStage(records.ulogdRecords(endMs, count)),
    () => textStage('AWS VPC flow logs, text', records.awsVpcRecords(endMs, count), createAwsVpcDecoder, 1),
    () => jsonStage('GCP Cloud NAT, JSON', records.gcpNatRecords(endMs, count), createGcpNatDecoder),
    () => textStage('CoreDNS, text', records.corednsRecords(endMs, count), createCorednsDecoder),
    () => jsonStage('Calico DNS, JSON', records.calicoDnsRecords(endMs, count), createCalicoDnsDecoder),
    () => syslogStage(records.enterpriseRecords(endMs, count)),
  ]
}

const parsed = (line: string): Readonly<Record<string, unknown>> => JSON.parse(line)

const hubbleProtobufStage = (lines: readonly string[]): DecodeStage =>
  messageStage(
    'Hubble, protobuf',
    lines.map((line) => encodeResponse(parsed(line))),
    protobuf.Root.fromJSON(hubbleProtocol).lookupType('observer.GetFlowsResponse'),
    (message) => recordFromProtobuf(OBSERVER.getFlows.responseDeserialize(message)),
    createHubbleDecoder,
  )

function goldmaneProtobufStage(lines: readonly string[]): DecodeStage {
  const type = protobuf.Root.fromJSON(goldmaneProtocol).lookupType('goldmane.FlowResult')
  return messageStage(
    'Goldmane, protobuf',
    lines.map((line) => Buffer.from(type.encode(type.fromObject({ flow: parsed(line) })).finish())),
    type,
    (message) => GOLDMANE.stream.responseDeserialize(message),
    createCalicoDecoder,
  )
}

const ulogdStage = (lines: readonly string[]): DecodeStage => ({
  ...textStage('conntrack, ulogd2 JSON', lines, createConntrackDecoder),
  limit: 'JSON.parse',
  floor: () => parseAll(lines),
})

const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0)

function traceProtobufStage(exports: readonly (readonly EncodableResourceSpans[])[], count: number): DecodeStage {
  const type = referenceType('trace', 'ExportTraceServiceRequest')
  const bodies = exports.map((one) => encodeTracesProtobuf(one))
  return {
    name: 'OTLP traces, protobuf',
    limit: 'protobufjs',
    records: count,
    decode: () => sum(bodies.map((body) => decodeOtlpTraces(body, 'protobuf').spans.length)),
    floor: () => bodies.map((body) => type.decode(body)),
  }
}

function traceJsonStage(exports: readonly (readonly EncodableResourceSpans[])[], count: number): DecodeStage {
  const bodies = exports.map((one) => Buffer.from(encodeTracesJson(one)))
  return {
    name: 'OTLP traces, JSON',
    limit: 'JSON.parse',
    records: count,
    decode: () => sum(bodies.map((body) => decodeOtlpTraces(body, 'json').spans.length)),
    floor: () => bodies.map((body): unknown => JSON.parse(body.toString('utf8'))),
  }
}

/** Log records that carry a flow each, to records, not to flows. */
function logStage(carried: readonly string[]): DecodeStage {
  const type = referenceType('logs', 'ExportLogsServiceRequest')
  const bodies = Array.from({ length: Math.ceil(carried.length / 500) }, (_, index) => {
    const logRecords = carried.slice(index * 500, index * 500 + 500).map((text) => ({ body: { stringValue: text } }))
    return type.encode(type.fromObject({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })).finish()
  })
  return {
    name: 'OTLP logs, protobuf',
    limit: 'protobufjs and JSON.parse',
    records: carried.length,
    decode: () => sum(bodies.map((body) => decodeOtlpLogs(body, 'protobuf').records.length)),
    floor: () => [bodies.map((body) => type.decode(body)), parseAll(carried)],
  }
}

/** Octet-counted messages of RFC 5424 to records, not to flows; the limit is JSON.parse of the records alone. */
function syslogStage(lines: readonly string[]): DecodeStage {
  const messages = lines.map((line) => `<134>1 2026-11-24T10:00:00.000Z host app - - - ${line}`)
  const body = Buffer.from(messages.map((text) => `${Buffer.byteLength(text)} ${text}`).join(''))
  return {
    name: 'syslog, framing and records',
    limit: 'JSON.parse',
    records: lines.length,
    decode: () => {
      const framer = new SyslogFramer(LIMITS.syslogMessageBytes)
      let found = 0
      for (let at = 0; at < body.length; at += 65_536)
        found += readSyslogMessages(framer.push(body.subarray(at, at + 65_536))).records.length
      return found + readSyslogMessages(framer.finish()).records.length
    },
    floor: () => parseAll(lines),
  }
}
