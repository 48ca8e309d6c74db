import type { RejectReason } from '@/lib/model/decoded'

/**
 * Why a decoded record ends in the pipeline. Closed: one counter per reason. A repeat is no fault of the sender and is
 * answered as a duplicate; the others are answered as rejects.
 */
export const DROP_REASONS = ['bad_value', 'too_old', 'in_the_future', 'repeated_record'] as const
export type DropReason = (typeof DROP_REASONS)[number]

export const isReject = (reason: DropReason): reason is DropReason & RejectReason => reason !== 'repeated_record'
