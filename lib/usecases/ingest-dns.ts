import 'server-only'
import { createHash } from 'node:crypto'
import { TextLineSplitter } from '@/lib/ingest/text-lines'
import type { DecodeResult } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { checkDataset } from './check-dataset'
import { commitDns, type DecodedDns } from './commit-dns'
import { JsonBody } from './json-body'
import { observeIngest } from './observe-ingest'
import { readBounded } from './read-bounded'
import { withRoom } from './waiting-bytes'

export const DNS_FORMATS = ['coredns', 'calico'] as const
export type DnsFormat = (typeof DNS_FORMATS)[number]

export interface DnsIngestRequest extends Omit<DecodedDns, 'source' | 'decoded' | 'sha256'> {
  readonly format: DnsFormat
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Takes one body of DNS records and answers after COMMIT; connections that they name are marked to be judged again. Errors:
 * `bad_request` (dataset name), `too_large`, `unavailable`.
 */
export const ingestDns = (request: DnsIngestRequest): Promise<IngestResult> =>
  observeIngest(`dns/${request.format}`, () => ingest(request))

async function ingest({ format, body, ...request }: DnsIngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  return withRoom(async (takeRoom) => {
    const framing = format === 'coredns' ? new CorednsBody() : new CalicoBody()
    const hash = createHash('sha256')
    for await (const chunk of readBounded(body)) {
      takeRoom(chunk.byteLength)
      hash.update(chunk)
      framing.push(chunk)
    }
    return commitDns({ ...request, source: `dns/${format}`, decoded: framing.finish(), sha256: hash.digest() })
  })
}

class CalicoBody {
  private readonly decoder = SOURCE_FORMATS['dns/calico'].createDecoder()
  private readonly records = new JsonBody((value, line) => this.decoder.push(value, line))

  push(chunk: Uint8Array): void {
    this.records.push(chunk)
  }

  finish(): DecodeResult {
    this.records.end()
    const decoded = this.decoder.finish()
    return { ...decoded, rejects: [...this.records.rejects, ...decoded.rejects] }
  }
}

/** Begins a JSON array of objects, or an object; `[INFO]` begins text. */
const BEGINS_JSON = /^\uFEFF?\s*(?:\{|\[\s*[{\]])/
/** The beginning is looked at once so much of it is there: white space beyond it is no JSON of a shipper. */
const ENOUGH_BYTES = 64

/** Lines of text, or JSON of a log shipper, by what the body begins with. */
class CorednsBody {
  private readonly decoder = SOURCE_FORMATS['dns/coredns'].createDecoder()
  private readonly records = new JsonBody((value, line) => this.decoder.push(value, line))
  private readonly lines = new TextLineSplitter((line, n) => this.decoder.pushLine(line, n))
  private start = Buffer.alloc(0)
  private isJson: boolean | undefined

  push(chunk: Uint8Array): void {
    if (this.isJson !== undefined) this.hand(chunk)
    else {
      this.start = Buffer.concat([this.start, chunk])
      if (this.start.length >= ENOUGH_BYTES) this.begin()
    }
  }

  finish(): DecodeResult {
    if (this.isJson === undefined) this.begin()
    if (this.isJson) this.records.end()
    else this.lines.end()
    const decoded = this.decoder.finish()
    return { ...decoded, rejects: [...this.records.rejects, ...decoded.rejects] }
  }

  private begin(): void {
    this.isJson = BEGINS_JSON.test(this.start.toString('utf8', 0, ENOUGH_BYTES))
    this.hand(this.start)
    this.start = Buffer.alloc(0)
  }

  private hand(chunk: Uint8Array): void {
    if (this.isJson) this.records.push(chunk)
    else this.lines.push(chunk)
  }
}
