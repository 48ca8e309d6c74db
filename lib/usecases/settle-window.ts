import 'server-only'
import { SECOND_MS } from '@/lib/model/units'
import { processGlobal } from '@/lib/process-global'

const window = () => processGlobal('settle-window', () => ({ ms: 120 * SECOND_MS }))

/** How long after a span's end its missing half is waited for; two minutes until it is set. */
export const settleWindowMs = (): number => window().ms

/** Sets the window for this process, from POSTERN_SETTLE_SECONDS. */
export function setSettleWindow(ms: number): void {
  window().ms = ms
}
