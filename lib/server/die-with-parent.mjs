// Preloaded into the server's process: when the launcher is killed and cannot stop it, the channel between them closes.
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), 10_000).unref()
})
