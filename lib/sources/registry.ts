import { createCalicoDecoder } from './calico/decode'
import { recogniseText } from './calico/strangers'
import type { BatchDecoder } from './decoder'
import { createHubbleDecoder } from './hubble/decode'
import { createConntrackDecoder, type LineDecoder } from './nat/conntrack'

const JSON_TYPES = [
  'application/json',
  'application/x-ndjson',
  'application/jsonl',
  'application/json-lines',
  'text/plain',
]

/**
 * Every format that arrives as one body over HTTP, by the path below `/api/ingest/`. `json-records` are framed by
 * `framing/json-records`, `text-lines` by their line ends. A body of another content type is not read.
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
  'nat/conntrack': {
    kind: 'text-lines',
    createDecoder: (): LineDecoder => createConntrackDecoder(),
    contentTypes: ['text/plain', 'application/octet-stream'],
  },
} as const

export type SourceFormatName = keyof typeof SOURCE_FORMATS
