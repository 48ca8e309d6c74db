import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { isFileFormat, recogniseFile } from './recognise-file'
import { SOURCE_FORMATS } from './registry'

const corpus = path.resolve(import.meta.dirname, '../../../shared/corpus')
const of = (text: string, name = 'file') => recogniseFile(Buffer.from(text), name)

describe('what a file holds', () => {
  it('is told by its first records, those of wrappers and lists included', () => {
    expect(of('{"flow":{"verdict":"FORWARDED"}}\n')).toBe('hubble')
    expect(of('nonsense\n{"flow":{}}')).toBe(undefined)
    expect(of('[{"Key":{},"start_time":1}]')).toBe('calico')
    expect(of('{"result":{"flows":[{"id":"8","flow":{"Key":{}}}]}}')).toBe('calico')
    expect(of('{"total":{},"items":[{"source_name":"a","dest_name":"b","reporter":"Src"}]}')).toBe('calico')
    expect(of('{"log":"{\\"flow\\":{}}"}')).toBe('hubble')
    expect(of('{"resourceSpans":[{"resource":')).toBe('otlp/traces')
    expect(of('{"resource_logs":[]}')).toBe('otlp/logs')
    expect(of('{"Records":[{"eventSource":"bedrock.amazonaws.com","eventName":"InvokeModel"}]}')).toBe('nat/cloudtrail')
    expect(of('{"Records":[{"eventSource":"a","eventName":"b"},{"eventSource":"a","eventName"')).toBe('nat/cloudtrail')
    expect(of('{"records":[{"category":"NatGatewayFlowlogsV1"}]}')).toBe('nat/azure-natgw')
    expect(of('{"jsonPayload":{"connection":{},"allocation_status":"OK"}}')).toBe('nat/gcp-nat')
    expect(of('{"jsonPayload":{"connection":{},"reporter":"SRC"}}')).toBe('nat/gcp-vpc')
    expect(of('{"qname":"api.openai.com","rrsets":[]}')).toBe('dns/calico')
    expect(
      of('{"log":"[INFO] 10.0.0.1:4000 - 7 \\"A IN api.openai.com. udp 32 false 512\\" NOERROR qr 64 0.1s"}'),
    ).toBe('dns/coredns')
  })

  it('of text is told by its first lines', () => {
    expect(of('[1795416062.191433]\t[NEW] tcp 6 120 SYN_SENT src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2')).toBe(
      'nat/conntrack',
    )
    expect(of('version account-id interface-id srcaddr dstaddr\n')).toBe('nat/aws-vpc')
    expect(of('2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 1 2 6 20 4249 1 2 ACCEPT OK')).toBe(
      'nat/aws-vpc',
    )
    expect(
      of('2026-11-24T10:00:00Z stdout F [INFO] 10.0.0.1:4000 - 7 "AAAA IN x.example. udp 32 false 512" NOERROR'),
    ).toBe('dns/coredns')
  })

  it('is nothing where nothing tells it', () => {
    for (const text of ['', 'hello\nworld', '{"hello":"world"}', '[1,2,3]', '\0\0\0', 'PK\u0003\u0004'])
      expect(of(text)).toBe(undefined)
    expect(of('\nV\n\0', 'traces.pb')).toBe('otlp/traces-protobuf')
    expect(of('\nV\n\0', 'photo.jpg')).toBe(undefined)
  })

  it('every format that the server takes over HTTP can be imported', () => {
    for (const name of Object.keys(SOURCE_FORMATS)) expect(isFileFormat(name), name).toBe(true)
  })

  it.skipIf(!existsSync(corpus)).each([
    ['hubble/hubble-otel/basic-sample-400-tcp-flows.ndjson', 'hubble'],
    ['hubble/cilium-1.20/demo30-flows-http-intent.first7.ndjson', 'hubble'],
    ['hubble/cilium-docs/export-rst-sample.ndjson', 'hubble'],
    ['hubble/misc/lost-events.ndjson', 'hubble'],
    ['calico/ce_flows_recorded_observability-clinic.jsonl', 'calico'],
    ['calico/goldmane_recorded_sample-flow.expected.json', 'calico'],
    ['nat/linux-conntrack/single-hop.conntrack-E.extended.txt', 'nat/conntrack'],
    ['nat/linux-conntrack/single-hop.conntrack-E.xml', 'nat/conntrack'],
    ['nat/linux-conntrack/single-hop.ulogd2-nfct.jsonl', 'nat/conntrack'],
    ['nat/aws/vpc-flow-log-default.txt', 'nat/aws-vpc'],
    ['nat/aws/cloudtrail-bedrock-invokemodel.json', 'nat/cloudtrail'],
    ['nat/gcp/cloud-nat.nat_flows.json', 'nat/gcp-nat'],
    ['otlp/captured/js-content-enabled-gzip/content.otel.json', 'otlp/traces'],
    ['otlp/captured/js-content-enabled-gzip/content.otel.pb', 'otlp/traces-protobuf'],
    ['calico/PROVENANCE.md', undefined],
  ])('recorded: %s', (file, format) => {
    const head = readFileSync(path.join(corpus, file)).subarray(0, 1024 * 1024)
    expect(recogniseFile(head, file)).toBe(format)
  })
})
