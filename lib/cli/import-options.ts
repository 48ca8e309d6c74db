import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { AppError } from '@/lib/errors'
import { FILE_FORMATS, type FileFormat, isFileFormat } from '@/lib/sources/recognise-file'

export interface ImportOptions {
  /** Files and folders, as given. */
  readonly paths: readonly string[]
  /** Without a slash at the end. */
  readonly url: string
  readonly token?: string
  /** '' = live. */
  readonly dataset: string
  readonly cluster?: string
  readonly format?: FileFormat
  /** NAT hop that saw the translations. */
  readonly hop?: string
  /** Columns of AWS flow logs without a header line, as AWS writes a format. */
  readonly fields?: string
}

export const IMPORT_USAGE = `Use: npm run postern -- import FILE|FOLDER … [options]

  --dataset NAME     into a pinned dataset, beside the live data: any age is taken
  --cluster NAME     the cluster that the records are of
  --hop NAME         the NAT hop that saw them (conntrack, cloud NAT logs)
  --format NAME      instead of looking: ${Object.keys(FILE_FORMATS).slice(0, 5).join(', ')}, …
  --fields "…"       columns of AWS flow logs without a header line
  --url URL          of the server (default http://localhost:$PORT)
  --token-file FILE  holds an API token of scope ingest; else POSTERN_TOKEN, where sign-in is on

gzip, deflate and zstd are told by their first bytes. What is sent again counts once.`

const OPTIONS = {
  dataset: { type: 'string' },
  cluster: { type: 'string' },
  hop: { type: 'string' },
  format: { type: 'string' },
  fields: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
} as const

/** Arguments behind `import`, with what the environment gives. Throws `bad_request` saying what is wrong. */
export function readImportOptions(
  args: readonly string[],
  environment: { readonly port: number; readonly token?: string },
): ImportOptions {
  const { values, positionals } = parse(args)
  if (positionals.length === 0) throw new AppError('bad_request', 'name at least one file or folder')
  const { dataset = '', cluster, hop, format, fields, url = `http://localhost:${environment.port}` } = values
  if (format !== undefined && !isFileFormat(format))
    throw new AppError('bad_request', `--format ${format}: known are ${Object.keys(FILE_FORMATS).join(', ')}`)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new AppError('bad_request', `--url ${url}: an http(s) URL such as https://postern.example.com`)
  const tokenFile = values['token-file']
  const token = tokenFile === undefined ? environment.token : readToken(tokenFile)
  return {
    paths: positionals,
    url: url.replace(/\/+$/, ''),
    dataset,
    ...(token && { token }),
    ...(cluster && { cluster }),
    ...(hop && { hop }),
    ...(format && { format }),
    ...(fields && { fields }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new AppError('bad_request', error instanceof Error ? error.message : String(error))
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new AppError('bad_request', `--token-file ${file}: cannot be read`)
  }
}
