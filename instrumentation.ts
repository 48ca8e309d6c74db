/** Next calls this once per server process and answers no request before it is done. */
export async function register(): Promise<void> {
  // Written as one block, so that the bundler leaves it out of the build for other runtimes.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    try {
      const { startBackground } = await import('@/lib/usecases/start-background')
      await startBackground()
    } catch (error) {
      // A throw here would leave a server that answers but does none of its duties.
      console.error('Postern cannot start its background work:', error)
      process.exit(1)
    }
  }
}
