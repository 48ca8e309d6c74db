import 'server-only'
import { AppError } from '@/lib/errors'
import { consolePath } from '@/lib/model/console-path'

/** A path that is to be stored, as `consolePath` writes it. Throws `bad_request` where it is no page of the console. */
export function checkedPath(text: string): string {
  const path = consolePath(text)
  if (path === undefined)
    throw new AppError('bad_request', 'path: is no page of this console', {
      hint: 'Send the path and the parameters as the address bar shows them: /graph?problems=1.',
    })
  return path
}
