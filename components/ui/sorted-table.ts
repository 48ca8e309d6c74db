import { createSortedRowModel, rowSortingFeature, sortFn_basic, tableFeatures } from '@tanstack/react-table'

/** What a table takes of the library that is sorted by one column at a time, by plain comparison (`sortFn: 'basic'`). */
export const SORTED_TABLE = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
})
