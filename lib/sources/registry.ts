import { createCalicoDecoder } from './calico/decode'
import { recogniseText } from './calico/strangers'
import type { BatchDecoder, LineDecoder } from './decoder'
import { createCalicoDnsDecoder } from './dns/calico-dns'
import { createCorednsDecoder } from './dns/coredns'
import { createHubbleDecoder } from './hubble/decode'
import { NAT_FORMATS } from './nat/formats'

const JSON_TYPES = [
  'application/json',
  'application/x-ndjson',
  'application/jsonl',
  'application/json-lines',
  'text/plain',
]

/**
 * Every format that arrives as one body over HTTP, by the path below `/api/ingest/`. `json-records` are framed by
 * `framing/json-records`, `text-lines` by their line ends, `text-or-json` by what the body begins with. A body of another
 * content type is not read.
 */
export const SOURCE_FORMATS = {
  hubble: {
    kind: 'json-records',
    createDecoder: (): BatchDecoder => createHubbleDecoder(),
    recogniseText: (): string | undefined => undefined,
    contentTypes: JSON_TYPES,
  },
  calico: {
    kind: 'json-records',
    createDecoder: (): BatchDecoder => createCalicoDecoder(),
    recogniseText,
    contentTypes: JSON_TYPES,
  },
  ...NAT_FORMATS,
  'dns/coredns': {
    kind: 'text-or-json',
    createDecoder: (): BatchDecoder & LineDecoder => createCorednsDecoder(),
    contentTypes: [...JSON_TYPES, 'application/octet-stream'],
  },
  'dns/calico': {
    kind: 'json-records',
    createDecoder: (): BatchDecoder => createCalicoDnsDecoder(),
    recogniseText: (): string | undefined => undefined,
    contentTypes: JSON_TYPES,
  },
} as const

export type SourceFormatName = keyof typeof SOURCE_FORMATS
