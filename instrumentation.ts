/** Next calls this once per server process and answers no request before it is done. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  try {
    const { startBackground } = await import('@/lib/usecases/start-background')
    await startBackground()
  } catch (error) {
    // A throw here would leave a server that answers but does none of its duties.
    console.error('Postern cannot start its background work:', error)
    process.exit(1)
  }
}
