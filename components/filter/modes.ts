import type { FilterMode } from '@/lib/model/filter-preset'

export const MODE_WORD: Readonly<Record<FilterMode, string>> = { find: 'Find', hide: 'Hide', focus: 'Focus' }
