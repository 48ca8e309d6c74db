import type { SourceCoverage } from '@/lib/model/coverage'

/** What is missing while a source is silent, and where to look. */
export const SILENCE_MEANS: Readonly<Record<SourceCoverage['source'], string>> = {
  hubble: 'Edges and policy verdicts of its cluster are missing from then on. Check the exporter or the shipper.',
  calico: 'Edges and policy verdicts of its cluster are missing from then on. Check Goldmane and the shipper.',
  otlp: 'Models, tokens and calls seen by traces are missing. Check the collector’s exporter.',
  dns: 'Addresses without a name in their flow record stay unnamed. Check CoreDNS’ log and its shipper.',
  kubernetes: 'Pod addresses, owners and policies are not updated. Check the account and the API server.',
  nat: 'Doors behind this hop cannot be proven from then on. Check the sender of its log.',
}

/** A source by its kind, cluster and NAT hop: `nat of prod, hop nat-gw`. */
export const sourceName = ({ source, cluster, hop }: SourceCoverage): string =>
  `${source} of ${cluster}${hop ? `, hop ${hop}` : ''}`
