/**
 * What the demo cluster can show, each on its own or together. all-well: allowed by policies, by default, and out by the
 * sanctioned NAT · denied-by-default: a policy selects the client and no rule allows the call · staged-would-deny: a staged
 * policy would refuse what is allowed today · violation: a call leaves by another address, proven by conntrack ·
 * no-nat-evidence: a way out that nobody logs · silent-source: a cluster whose flow log stops.
 */
export const SCENARIOS = [
  'all-well',
  'denied-by-default',
  'staged-would-deny',
  'violation',
  'no-nat-evidence',
  'silent-source',
] as const
export type Scenario = (typeof SCENARIOS)[number]
