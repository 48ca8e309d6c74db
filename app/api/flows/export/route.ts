import { AppError } from '@/lib/errors'
import { handle } from '@/lib/http/handle'
import { type FileMaker, streamFile } from '@/lib/http/stream-file'
import { exportFlows, type FlowExport } from '@/lib/usecases/export-flows'
import { csvFlow, csvHead, EXPORT_FORMATS, type ExportFormat, ndjsonEnd, ndjsonFlow } from '@/lib/view/flow-export'
import { flowRequestOf } from '../flow-request'

export const dynamic = 'force-dynamic'

const TYPE: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
}

/** All kept flow records of a view as a file, without a limit. A file that ends before its end has its connection cut. */
export const GET = handle({
  name: 'flows.export',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const format = EXPORT_FORMATS.find((one) => one === (url.searchParams.get('format') ?? 'csv'))
    if (!format) throw new AppError('bad_request', `format: one of ${EXPORT_FORMATS.join(', ')}`)
    const request = flowRequestOf(url.searchParams, nowMs)
    const made = await exportFlows(request, nowMs)
    return new Response(streamFile('flows.export', fileOf(made, format, request.query.dataset)), {
      headers: {
        'content-type': TYPE[format],
        'content-disposition': `attachment; filename="postern-flows-${stamp(made.window.toMs)}.${format}"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
        ...(made.expected !== undefined && { 'x-postern-count': String(made.expected) }),
      },
    })
  },
})

function fileOf(made: FlowExport, format: ExportFormat, dataset: string): FileMaker {
  let [count, part] = [0, 'head' as 'head' | 'rows' | 'over']
  return {
    stop: made.stop,
    async next() {
      if (part === 'over') return undefined
      if (part === 'head') {
        part = 'rows'
        if (format === 'csv') return csvHead()
      }
      const page = await made.nextPage()
      if (page) {
        count += page.length
        const lines = page.map(({ row, raw }) =>
          format === 'csv' ? csvFlow(row, dataset) : ndjsonFlow(row, dataset, raw),
        )
        return lines.join('')
      }
      part = 'over'
      return format === 'ndjson' ? ndjsonEnd(count, made.window) : undefined
    },
  }
}

/** `20261126-130500`, UTC. */
const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
