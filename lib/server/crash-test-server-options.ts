/**
 * How far the storage worker's clock is ahead in the crash test: by more than its patience, so that it adds up at once what
 * changed. The first argument of crash-test-server.ts says otherwise.
 */
export const AHEAD_MS = 11 * 60_000
