import 'server-only'
import { keepOnlyCollectors, saveCollector } from '@/lib/store/collectors'
import { holdDuty, type WaitReason } from '@/lib/store/hold-duty'

/** Writes what a collector says of itself, for the sources page of every replica. Errors: `unavailable`. */
export const reportCollector = saveCollector

/** Forgets collectors that the settings no longer name. Errors: `unavailable`. */
export const forgetOtherCollectors = keepOnlyCollectors

/** Does the work of a collector in one process of all replicas at a time (lib/store/hold-duty.ts). */
export const holdCollectorDuty = (
  name: string,
  signal: AbortSignal,
  onWait: (reason: WaitReason) => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => holdDuty(`collector ${name}`, signal, onWait, work)
