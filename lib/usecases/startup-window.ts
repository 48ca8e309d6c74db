import 'server-only'
import { MINUTE_MS } from '@/lib/model/units'
import { processGlobal } from '@/lib/process-global'

const window = () => processGlobal('startup-window', () => ({ ms: MINUTE_MS }))

/** How long after its pod's start a violation may be the startup race of an egress gateway; one minute until it is set. */
export const startupWindowMs = (): number => window().ms

/** Sets the window for this process, from POSTERN_STARTUP_RACE_SECONDS; 0 tells none apart. */
export function setStartupWindow(ms: number): void {
  window().ms = ms
}
