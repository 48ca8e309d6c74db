import { z } from 'zod'

/** Asks the clients to open so many connections, each to the next of the paths. */
export const CLIENTS_OPEN = z.object({
  open: z.object({ port: z.number(), clients: z.number(), paths: z.array(z.string()) }),
})
/** Answered once every client has its first event, and once counting has begun. */
export const CLIENTS_READY = z.object({ ready: z.literal(true) })
/** What the clients received since `begin`. */
export const CLIENTS_RESULT = z.object({
  bytes: z.number(),
  events: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Of the first client of each view: its first event, and the later ones since `begin`; bytes as base64. */
  first: z.array(z.string()),
  later: z.array(z.object({ view: z.number(), atMs: z.number(), bytes: z.string() })),
})

/** What a bare server sends: per view its first event, and the later ones with their moments; bytes as base64. */
export const BARE_PLAY = z.object({
  play: z.object({
    first: z.array(z.string()),
    events: z.array(z.object({ view: z.number(), atMs: z.number(), bytes: z.string() })),
  }),
})
