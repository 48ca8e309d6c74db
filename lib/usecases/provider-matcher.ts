import 'server-only'
import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { createProviderMatcher, type ProviderMatcher } from '@/lib/egress/match-provider'

const matcher = createProviderMatcher(CATALOGUE)

/** The matcher of the catalogue in force. */
export const providerMatcher = (): ProviderMatcher => matcher
