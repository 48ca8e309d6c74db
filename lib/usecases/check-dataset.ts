import 'server-only'
import { AppError } from '@/lib/errors'

const DATASET = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** Throws `bad_request` where the name of a dataset could not be one; '' is the live one. */
export function checkDataset(name: string): void {
  if (name !== '' && !DATASET.test(name))
    throw new AppError('bad_request', 'dataset: lower-case letters, digits, - and _, at most 64 characters')
}
