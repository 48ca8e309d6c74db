import { handle, json } from '@/lib/http/handle'
import { queryMatrix } from '@/lib/usecases/query-matrix'
import { parseGraphView, windowOf } from '@/lib/view/graph-view'
import { matrixFilter, parseMatrixView } from '@/lib/view/matrix-view'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'egress.matrix',
  access: 'viewer',
  async run({ url }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const filter = matrixFilter(parseMatrixView(url.searchParams), parseGraphView(url.searchParams))
    return json(await queryMatrix(dataset, window, filter))
  },
})
