import { LIMITS } from '@/lib/model/limits'

/** A line as it came, bounded, without what Postgres cannot store. */
export const cleanRaw = (line: string): string =>
  line
    .trim()
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .slice(0, LIMITS.evidenceChars)
    // The cut may go through a character of two halves.
    .replace(/[\ud800-\udbff]$/, '')

/** The fields of a JSON record that were read of it, as one line; everything else of it is dropped. */
export const rawOfFields = (fields: Readonly<Record<string, unknown>>): string => cleanRaw(JSON.stringify(fields))
