import { z } from 'zod'
import { isSeen, isShowable } from './shown-text'

/** What people may call what they save: a line of at most so many characters that can be seen, and that leaves the text around it as it is. */
export const givenName = (mostChars: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(mostChars)
    .refine((name) => isShowable(name) && isSeen(name), 'no control characters and nothing that turns or hides text')
