/** Calls `step` with shares from 0 to 1, quick first, once per frame for so many milliseconds; what it answers stops it where it is. */
export function tween(durationMs: number, step: (share: number) => void): () => void {
  const startMs = performance.now()
  let frame = 0
  const next = (nowMs: number) => {
    const passed = Math.min(1, Math.max(0, (nowMs - startMs) / durationMs))
    step(1 - (1 - passed) ** 3)
    if (passed < 1) frame = requestAnimationFrame(next)
  }
  step(0)
  frame = requestAnimationFrame(next)
  return () => cancelAnimationFrame(frame)
}
