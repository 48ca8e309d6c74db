/** Enums of cilium's flow.proto (1.19), number → name; unknown numbers stay numbers. */
export const VERDICT = {
  0: 'VERDICT_UNKNOWN',
  1: 'FORWARDED',
  2: 'DROPPED',
  3: 'ERROR',
  4: 'AUDIT',
  5: 'REDIRECTED',
  6: 'TRACED',
  7: 'TRANSLATED',
} as const
export const DIRECTION = { 0: 'TRAFFIC_DIRECTION_UNKNOWN', 1: 'INGRESS', 2: 'EGRESS' } as const
export const OBSERVATION_POINT = {
  0: 'UNKNOWN_POINT',
  1: 'TO_PROXY',
  2: 'TO_HOST',
  3: 'TO_STACK',
  4: 'TO_OVERLAY',
  5: 'FROM_ENDPOINT',
  6: 'FROM_PROXY',
  7: 'FROM_HOST',
  8: 'FROM_STACK',
  9: 'FROM_OVERLAY',
  10: 'FROM_NETWORK',
  11: 'TO_NETWORK',
  12: 'FROM_CRYPTO',
  13: 'TO_CRYPTO',
  101: 'TO_ENDPOINT',
} as const
export const TRACE_REASON = { 0: 'TRACE_REASON_UNKNOWN', 1: 'NEW', 2: 'ESTABLISHED', 3: 'REPLY', 4: 'RELATED' } as const
export const L7_TYPE = { 0: 'UNKNOWN_L7_TYPE', 1: 'REQUEST', 2: 'RESPONSE', 3: 'SAMPLE' } as const
export const NODE_STATE = {
  0: 'UNKNOWN_NODE_STATE',
  1: 'NODE_CONNECTED',
  2: 'NODE_UNAVAILABLE',
  3: 'NODE_GONE',
  4: 'NODE_ERROR',
} as const
export const LOST_SOURCE = {
  0: 'UNKNOWN_LOST_EVENT_SOURCE',
  1: 'PERF_EVENT_RING_BUFFER',
  2: 'OBSERVER_EVENTS_QUEUE',
  3: 'HUBBLE_RING_BUFFER',
} as const

/** Drop reasons that mean something of their own; 133 and 181 are easily confused, so the numbers rule. */
export const DROP_REASON = {
  130: 'INVALID_SOURCE_MAC',
  132: 'INVALID_SOURCE_IP',
  133: 'POLICY_DENIED',
  136: 'CT_TRUNCATED_OR_INVALID_HEADER',
  155: 'FIB_LOOKUP_FAILED',
  163: 'FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND',
  181: 'POLICY_DENY',
  189: 'AUTH_REQUIRED',
  194: 'NO_EGRESS_GATEWAY',
  195: 'UNENCRYPTED_TRAFFIC',
  196: 'TTL_EXCEEDED',
  198: 'DROP_RATE_LIMITED',
  202: 'DROP_HOST_NOT_READY',
  203: 'DROP_EP_NOT_READY',
  204: 'DROP_NO_EGRESS_IP',
} as const

/** `event_type.type`: V/pkg/monitor/api/types.go. */
export const EVENT = { drop: 1, trace: 4, policyVerdict: 5, l7: 129 } as const
