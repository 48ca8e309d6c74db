import { ADMIN_ACTOR, LOCAL_ACTOR } from '@/lib/model/audit'

/** For whom something is kept that is its owner's alone; `actor` is as the audit log names them. Who said no name shares with all who said none. */
export function ownerWords(actor: string): string {
  const isUnnamed = actor === LOCAL_ACTOR || actor === ADMIN_ACTOR
  return isUnnamed ? 'for everybody here who gave no name' : `for ${actor} alone`
}
