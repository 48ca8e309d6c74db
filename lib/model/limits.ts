import { DAY_MS } from './units'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * Every bound on what comes in, in one place; docs/limits.md is its table, and a test compares the two. An answer that
 * refuses for a limit names the limit. Sizes are bytes of decoded (decompressed) data unless the name says otherwise.
 */
export const LIMITS = {
  /** One HTTP body of flow, NAT or DNS records. */
  bodyBytes: 20 * MIB,
  /** One OTLP request over HTTP, and one gRPC message: what the specification recommends. */
  otlpBodyBytes: 64 * MIB,
  /** A compressed body may grow by this factor; beyond it (and beyond `inflateFloorBytes`) it is a bomb. */
  inflateRatio: 200,
  /** Below this many decoded bytes no ratio is asked: small bodies of repeats compress extremely well. */
  inflateFloorBytes: 4 * MIB,
  /** One JSON record. */
  recordBytes: 1 * MIB,
  /** Nesting of a JSON record, of an OTLP value. */
  nesting: 64,
  /** One line of a text format (conntrack, CoreDNS, VPC flow logs). */
  textLineBytes: 4 * KIB,
  /** Columns of one record of a flow log. */
  logColumns: 64,
  /** A record wrapped as base64, in a Pub/Sub message: a log entry has at most 256 KiB. */
  wrappedRecordChars: 524_288,
  /** Characters kept of one NAT record as evidence. */
  evidenceChars: 512,
  /** One syslog message, with its header. */
  syslogMessageBytes: 1 * MIB,
  /** Connections of syslog senders at a time. */
  syslogConnections: 512,
  /** Connections of OTLP/HTTP senders at a time, on its own port. */
  otlpConnections: 1024,
  /** OTLP/gRPC calls at a time on one connection. */
  otlpStreams: 128,
  /** OTLP/gRPC messages that come in at a time; further ones wait unread. */
  otlpReceiving: 8,
  /** Spans or log records of one OTLP request. */
  otlpRecords: 200_000,
  /** Attributes kept of one span or resource, and items of one array value. */
  otlpAttributes: 128,
  /** Characters kept of one OTLP text value while decoding. */
  otlpTextChars: 4096,
  /** Spans of one trace that are looked at together, kept and dropped ones each; of longer ones, what is near a new span. */
  traceSpans: 1000,
  /** Decoded bytes that this process holds before their commit; beyond it senders are asked to come back. */
  waitingBytes: 192 * MIB,
  /** Flow records of one commit of a collector. */
  pullRecords: 5000,
  /** Records of a collector that wait for their commit; beyond it the stream is not read (gRPC flow control). */
  pullWaitingRecords: 20_000,
  /** The same in bytes on the wire. */
  pullWaitingBytes: 64 * MIB,
  /** Streams of Felix at a time on one node socket. */
  nodeSocketStreams: 16,
  /** Names of one server that are compared; one more is kept, and says that they are too many to know. */
  dnsNames: 32,
  /** Connections that a preview of changed egress rules judges, the newest of each edge. */
  previewConnections: 4000,
  /** Edges that it looks at, those that were judged last. */
  previewEdges: 1000,
  /** Entries of one kind of the egress settings: points, paths, rules, denied providers. */
  egressEntries: 1000,
  /** Characters of a document of egress rules. */
  egressDocumentChars: 1_048_576,
  /** Characters of a dataset's title. */
  datasetTitleChars: 80,
  /** Characters of a comment on a finding or an incident. */
  commentChars: 2000,
  /** Characters of the reason why a risk is accepted, or an incident resolved. */
  reasonChars: 1000,
  /** Characters of whoever a finding or an incident is given to. */
  assigneeChars: 100,
  /** Days for which a risk is accepted at most, where its acceptance has an end. */
  acceptanceDays: 366,
  /** Findings that one request opens an incident over, or moves. */
  caseFindings: 200,
  /** Labels kept of one endpoint. */
  labels: 128,
  /** One object of the Kubernetes inventory, as JSON; a larger one is kept without its body. */
  inventoryBodyBytes: 256 * KIB,
  /** One event of a Kubernetes watch: above what etcd stores of one object. */
  inventoryEventBytes: 4 * MIB,
  /** One page of a Kubernetes list. */
  inventoryPageBytes: 64 * MIB,
  /** What the inventory read and did not commit yet; beyond it the watches are not read on. */
  inventoryWaitingBytes: 16 * MIB,
  /** Browsers that watch a live graph, of one process. */
  streamClients: 5000,
  /** Different windows that they watch, of one process: each is computed again and again. */
  streamWindows: 64,
  /** Flow records that the pods of one place are drawn from, the newest of each way of reporting, denials first. */
  podRecords: 5000,
  /** Bytes that wait for one browser; a slower one skips what it missed and gets a fresh snapshot. */
  streamWaitingBytes: 1 * MIB,
  /** Probes of egress paths that one token may report in a minute. */
  canaryProbesPerMinute: 120,
  /** Notification channels, which people make. */
  notificationChannels: 50,
  /** Events that wait for one channel, beside those of messages that are being tried. */
  notificationQueue: 1000,
  /** Events of one message. */
  notificationEvents: 20,
  /** Messages of one channel that are tried again and again; further events wait for them. */
  notificationMessages: 50,
  /** Of a webhook's answer, what is read. */
  webhookAnswerBytes: 64 * KIB,
  /** Of it, characters that the delivery log keeps. */
  webhookAnswerChars: 300,
  /** Rows of one export of the audit log. */
  auditExportRows: 10_000,
  /** Characters of a person's name. */
  personNameChars: 60,
  /** Characters of an expression of the filter language. */
  filterChars: 500,
  /** Levels of its parentheses and negations. */
  filterNesting: 32,
  /** Rows of one page of the flow table. */
  flowPageRows: 500,
  /** Kept flow records that are counted for the flow table. */
  flowCountRows: 100_000,
  /** Kept flow records that one request reads for a filter that must read each. */
  flowLookedAt: 20_000,
  /** Exports of flow records at a time, of one process. */
  flowExports: 4,
  /** Judged connections of one page of an edge's panel. */
  connectionPageRows: 25,
  /** Spans of one list of the newest. */
  viewSpans: 100,
  /** How far before a window a record of an interval that reaches into it is looked for, in tables of flow records. */
  flowReachMs: 3_600_000,
  /** Views of the team that have a name. */
  savedViews: 200,
  /** Characters of such a name. */
  savedViewNameChars: 80,
  /** Presets of the filter language that one person keeps. */
  filterPresets: 50,
  /** All of them together: a name is what somebody says of themselves. */
  filterPresetsInAll: 2000,
  /** Characters of such a preset's name. */
  filterPresetNameChars: 80,
  /** Characters of the path and parameters that a saved view or a short link holds. */
  linkPathChars: 8192,
  /** Short links; those unused for half a year go. */
  shortLinks: 50_000,
  /** Views whose places are remembered, in all; those that were not looked at for longest go first. */
  layoutViews: 500,
  /** Nodes of one view whose places are remembered; those placed last stay. */
  layoutNodes: 3000,
  /** Edges of one view whose ways around nodes are remembered; those found last stay. */
  layoutRoutes: 2000,
  /** Bends of one such way. */
  layoutBends: 24,
  /** Characters of the name of a view. */
  layoutKeyChars: 512,
  /** A body with places. */
  layoutBytes: 1 * MIB,
  /** Frames of a replay, and of the timeline below the graph. */
  replayFrames: 120,
  timelineFrames: 240,
  /** Ways of reporting times frames that one answer is made of: where there are more, its frames are longer. */
  frameRows: 120_000,
  /** Marks of one kind on the timeline: denials, policies, findings, incidents. */
  timelineMarks: 200,
  /** Stretches without a word of some source, and losses, that are told of one window. */
  silences: 200,
  /** Distance that one flow record may span. */
  flowIntervalMs: 7 * DAY_MS,
} as const
