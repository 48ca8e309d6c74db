/** The storage worker's clock in the crash test: ahead by more than its patience, so that it adds up at once what changed. */
export const AHEAD_MS = 11 * 60_000
