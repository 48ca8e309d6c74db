import { expect, it } from 'vitest'
import { actorNamed } from '@/lib/model/person'
import { ownerWords } from './owner-words'

it('what is kept for one person names them, and says who else has it where no name was given', () => {
  expect(ownerWords(actorNamed('Anna', 'local'))).toBe('for Anna (local) alone')
  expect(ownerWords('token 0123456789ab')).toBe('for token 0123456789ab alone')
  for (const actor of ['local', 'admin']) expect(ownerWords(actor)).toBe('for everybody here who gave no name')
})
