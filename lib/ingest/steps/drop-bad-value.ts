import type { Flow } from '@/lib/model/flow'
import { LIMITS } from '@/lib/model/limits'
import type { Step } from '../draft'

/** 2200-01-01: later is no time of a flow, and dates of that size overflow sums. */
const LATEST_MS = 7_258_118_400_000
/** A record over a longer interval says nothing about when; Calico's longest is minutes. */
const LONGEST_MS = LIMITS.flowIntervalMs
/** 10 TB or 10^13 connections in one record: no source can mean it, and a few of them would overflow a bucket. */
const LARGEST_COUNT = 1e13

/** A value that no source can mean would fail the whole batch in the database: it is refused alone. */
export const dropBadValue: Step = ({ flow }) => (isSane(flow) ? undefined : 'bad_value')

const isSane = (flow: Flow): boolean =>
  isPort(flow.serverPort) &&
  (flow.clientPort === undefined || isPort(flow.clientPort)) &&
  flow.startMs >= 0 &&
  flow.endMs >= flow.startMs &&
  flow.endMs <= LATEST_MS &&
  flow.endMs - flow.startMs <= LONGEST_MS &&
  flow.protocol.length <= 32 &&
  isCount(flow.counts.connections) &&
  isCount(flow.counts.events) &&
  isCount(flow.counts.requests) &&
  isCount(flow.counts.requestErrors) &&
  isCount(flow.counts.bytesSent) &&
  isCount(flow.counts.bytesReceived)

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535
const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0 && count <= LARGEST_COUNT
