import type { GraphNode, NodeClass } from './graph'

const OUTSIDE: ReadonlySet<NodeClass> = new Set<NodeClass>(['provider', 'external', 'internet', 'network-set'])

/** Whether a node stands outside the cluster, providers too. */
export const isOutsidePeer = ({ class: of }: Pick<GraphNode, 'class'>): boolean => OUTSIDE.has(of)

/** An address is no name: digits and dots, or anything with a colon. */
export const isAddressName = (name: string): boolean => /^[\d.]+$|:/.test(name)

/**
 * Whether a peer outside the cluster has no name: an address is none, unless the DNS map has one for it. False of what is not outside.
 */
export const isUnnamedPeer = ({ class: of, name, dnsName }: Pick<GraphNode, 'class' | 'name' | 'dnsName'>): boolean =>
  dnsName === undefined && (of === 'internet' || (of === 'external' && isAddressName(name)))
