import 'server-only'
import { AppError } from '@/lib/errors'
import { fieldsOfParameter } from '@/lib/sources/nat/aws-vpc'
import { isNatFormat, type NatFormat, natFormatList } from '@/lib/sources/nat/formats'

/** The format that a URL names. Errors: `not_found`, with every format and what it takes. */
export function natFormatOf(name: string): NatFormat {
  if (isNatFormat(name)) return name
  throw new AppError('not_found', 'unknown NAT format', { hint: `Known: ${natFormatList()}` })
}

/** The column names of `?fields=`; none for an empty text. Errors: `bad_request` for what names no columns. */
export function natFieldsOf(text: string): { readonly fields?: readonly string[] } {
  if (text.trim() === '') return {}
  const fields = fieldsOfParameter(text)
  if (fields) return { fields }
  throw new AppError('bad_request', 'fields names no columns', {
    hint: 'Write the flow log’s format as it was created: ?fields=interface-id,pkt-srcaddr,…',
  })
}
