// Making one costs far more than using it, and a page has thousands of figures.
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** Figures for people; every number carries its unit where it is shown. */
export const formatCount = (count: number): string => (count >= 10_000 ? compact : plain).format(count)

/** `1 edge`, `1,200 edges`. */
export const counted = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** A share as whole percent; small but not nothing is `<1 %`. */
export function formatShare(share: number | undefined): string {
  if (share === undefined) return '–'
  if (share > 0 && share < 0.01) return '<1 %'
  return `${Math.floor(share * 100)} %`
}

/** How long ago, in the largest unit that fits. */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** A stretch of time in the largest unit that fits; below ten seconds with one decimal. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** Records per second as people read it: slow ones by the minute. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0/s'
  if (perSecond >= 1) return `${formatCount(Math.round(perSecond * 10) / 10)}/s`
  const perMinute = perSecond * 60
  return perMinute < 1 ? '<1/min' : `${Math.round(perMinute)}/min`
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes in the largest binary unit that fits. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[step]}`
}

/** A moment's time of day in UTC, to the millisecond, as logs write it. */
export const formatClock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 23)} UTC`

/** The same to the second, where milliseconds are noise. */
export const formatSecond = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`

/** A moment in UTC, to the second. */
export const formatMoment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** A phrase as the beginning of a sentence. */
export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
