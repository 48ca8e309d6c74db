import 'server-only'
import { withTransaction } from './client'
import type { IdentifiedBatch } from './identified-batch'
import { knownIds } from './known-ids'
import { saveDictionaries } from './save-dictionaries'
import { saveEndpointFacts } from './save-endpoint-facts'
import { unknownShapes } from './save-evidence'
import { saveShapes } from './save-shapes'

/**
 * Commits what live batches need of the dictionaries before their own transaction begins: who inserts an id that another
 * transaction has inserted waits for its end, and commits of thousands of records would wait for each other whenever something
 * new is seen. Ids are hashes of their content, so an entry whose batch fails afterwards is as good as any other. Where all is
 * known it costs no round trip. Of pinned datasets nothing is known, since they can be deleted.
 */
export async function saveDictionariesAhead(batches: readonly IdentifiedBatch[]): Promise<void> {
  const live = batches.filter((batch) => batch.dataset === '')
  const known = knownIds()
  const variants = live.flatMap((batch) => batch.variants.filter((row) => !known.has(row.variantId)))
  const shapes = unknownShapes(
    // What siblings count is decided within the transaction.
    live.flatMap((batch) => batch.evidence.filter((row) => !row.evidence.flow.sibling)),
  )
  if (variants.length === 0 && shapes.length === 0) return
  const saved = await withTransaction(async (client) => ({
    ids: [...(await saveDictionaries(client, variants)), ...(await saveEndpointFacts(client, variants))],
    remember: await saveShapes(client, shapes),
  }))
  knownIds().add(saved.ids)
  saved.remember()
}
