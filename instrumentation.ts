/** Next calls this once per server process and answers no request before it is done. */
export async function register(): Promise<void> {
  // Written as one block, so that the bundler leaves it out of the build for other runtimes.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    try {
      const [
        { readFile },
        { appVersion, env, retention, webhookPolicy },
        { startTelemetry },
        { observeMetrics },
        { startBackground, stopBackground },
        { startAllCollectors },
      ] = await Promise.all([
        import('node:fs/promises'),
        import('@/lib/env'),
        import('@/lib/observability/telemetry'),
        import('@/lib/usecases/render-metrics'),
        import('@/lib/usecases/start-background'),
        import('@/lib/collectors/start-all'),
      ])
      const telemetry = await startTelemetry(() => observeMetrics(Date.now()))
      const { POSTERN_CONFIG: file, POSTERN_SANCTIONED_EGRESS: sanctionedEgress, POSTERN_FINAL_HOP: finalHop } = env()
      const settleMs = env().POSTERN_SETTLE_SECONDS * 1000
      const startupRaceMs = env().POSTERN_STARTUP_RACE_SECONDS * 1000
      const fileText = file ? await readFile(file, 'utf8') : undefined
      const publicUrl = env().POSTERN_PUBLIC_URL
      const notifier = { policy: webhookPolicy(), version: appVersion(), ...(publicUrl && { publicUrl }) }
      await startBackground({
        fileText,
        sanctionedEgress,
        finalHop,
        settleMs,
        startupRaceMs,
        retention: retention(),
        notifier,
      })
      const collectors = await startAllCollectors(fileText)
      // The launcher tells Next to leave signals to us: what was acknowledged is committed, so streams and the pool end.
      const stop = () =>
        void collectors
          .stop()
          .then(telemetry.stop)
          .then(stopBackground)
          .finally(() => process.exit(0))
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
    } catch (error) {
      // A throw here would leave a server that answers but does none of its duties.
      console.error('Postern cannot start its background work:', error instanceof Error ? error.message : error)
      process.exit(1)
    }
  }
}
