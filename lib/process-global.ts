/**
 * One value per process, created on first use. Next instantiates modules separately for instrumentation, route handlers
 * and pages; only `globalThis` is common to them, so pools, hubs and queues live here.
 */
export function processGlobal<T>(name: string, create: () => T): T {
  const store = globalThis as unknown as Record<symbol, unknown>
  const key = Symbol.for(`postern.${name}`)
  store[key] ??= create()
  return store[key] as T
}
