import 'server-only'
import { AppError } from '@/lib/errors'

/** A body as text. Throws `too_large` above so many bytes, before the rest of it is read. */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  if (!request.body) return ''
  const reader = request.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > maxBytes) throw new AppError('too_large', `a body here is at most ${maxBytes / 1024} KiB`)
    text += decoder.decode(value, { stream: true })
  }
}
