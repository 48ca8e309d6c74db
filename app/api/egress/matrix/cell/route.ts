import { AppError } from '@/lib/errors'
import { baseUrlOf } from '@/lib/http/base-url'
import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadMatrixCell } from '@/lib/usecases/load-matrix-cell'
import { formatMoment, formatSecond } from '@/lib/view/format'
import { windowOf } from '@/lib/view/graph-view'
import { parseMatrixView } from '@/lib/view/matrix-view'

export const dynamic = 'force-dynamic'

const HALF_A_DAY_MS = 12 * 3_600_000

export const GET = handle({
  name: 'egress.cell',
  access: 'viewer',
  async run({ request, url }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const { cell } = parseMatrixView(url.searchParams)
    if (!cell) throw new AppError('bad_request', 'the parameter cell is missing: WORKLOAD-ID~PROVIDER-ID')
    return json(
      await loadMatrixCell(
        { dataset, window, row: idParam(cell.row, 'workload'), column: cell.column },
        {
          baseUrl: baseUrlOf(request),
          // Within half a day the time alone is clear.
          formatTime: window.toMs - window.fromMs <= HALF_A_DAY_MS ? formatSecond : formatMoment,
        },
      ),
    )
  },
})
