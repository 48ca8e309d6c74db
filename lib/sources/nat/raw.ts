/** Characters kept of one record as evidence. */
const MAX_RAW = 512

/** A line as it came, bounded, without what Postgres cannot store. */
export const cleanRaw = (line: string): string =>
  line
    .trim()
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .slice(0, MAX_RAW)

/** The fields of a JSON record that were read of it, as one line; everything else of it is dropped. */
export const rawOfFields = (fields: Readonly<Record<string, unknown>>): string => cleanRaw(JSON.stringify(fields))
