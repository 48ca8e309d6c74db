/** Figures for people; every number carries its unit where it is shown. */
export const formatCount = (count: number): string =>
  new Intl.NumberFormat('en', { notation: count >= 10_000 ? 'compact' : 'standard', maximumFractionDigits: 1 }).format(
    count,
  )

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
