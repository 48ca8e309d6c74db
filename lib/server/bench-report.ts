import type { DecodeMeasured } from './bench-decode'

/** One stage of a benchmark run. */
export interface Measured {
  readonly name: string
  readonly flows: number
  readonly seconds: number
}

/** The run as a table: flows/s, and every stage as a share of the first one, which is the limit of parsing. */
export function benchReport(
  measured: readonly Measured[],
  bytesPerRow: Readonly<Record<string, number>>,
  memoryMiB: number,
): string {
  const [limit] = measured
  const limitRate = limit ? rateOf(limit) : 0
  const width = Math.max(...measured.map(({ name }) => name.length))
  const rows = measured.map((item) => {
    const share = limitRate > 0 ? (rateOf(item) / limitRate).toFixed(2) : '–'
    return `${item.name.padEnd(width)}  ${String(Math.round(rateOf(item))).padStart(9)} flows/s  ${share.padStart(5)} of JSON.parse`
  })
  const sizes = Object.entries(bytesPerRow).map(([name, bytes]) => `${name}: ${bytes} bytes on disk, indexes included`)
  return [...rows, '', ...sizes, `memory of the process: ${Math.round(memoryMiB)} MiB`].join('\n')
}

const rateOf = ({ flows, seconds }: Measured): number => (seconds > 0 ? flows / seconds : 0)

/** Decoders as a table: records/s, and the share of what reading the same bytes to the end could reach. */
export function decodeReport(measured: readonly DecodeMeasured[]): string {
  const width = Math.max(...measured.map(({ name }) => name.length))
  return measured
    .map(({ name, limit, records, seconds, limitSeconds }) => {
      const rate = String(Math.round(records / seconds)).padStart(9)
      const most = String(Math.round(records / limitSeconds)).padStart(9)
      return `${name.padEnd(width)}  ${rate} records/s  ${(limitSeconds / seconds).toFixed(2).padStart(5)} of ${limit} (${most.trim()}/s)`
    })
    .join('\n')
}
