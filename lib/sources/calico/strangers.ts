import { isRecord } from '@/lib/sources/framing/unwrap'
import type { Wire } from './wire'

/**
 * Names what a JSON record is that is no flow of ours, data sets of Calico Enterprise first; undefined where nothing is
 * recognised.
 */
export function recogniseStranger(wire: Wire): string | undefined {
  return recogniseEnterpriseData(wire) ?? recogniseOther(wire)
}

function recogniseEnterpriseData(wire: Wire): string | undefined {
  const has = (...keys: readonly string[]) => keys.every((key) => key in wire)
  if (has('qname') && (has('rrsets') || has('client_name_aggr'))) return 'a Calico Enterprise DNS log, which is no flow'
  if (has('auditID') || (typeof wire.apiVersion === 'string' && wire.apiVersion.startsWith('audit.k8s.io')))
    return 'a Kubernetes or Calico audit log, which is no flow'
  if (has('src_name_aggr') || has('response_code', 'dest_name_aggr'))
    return 'a Calico Enterprise L7 log, which is no flow'
  if (has('bgp_peer') || wire.logtype === 'bird') return 'a Calico Enterprise BGP log, which is no flow'
  if (has('rule_info') || has('owasp_host') || has('unique_id', 'rules'))
    return 'a Calico Enterprise WAF log, which is no flow'
  if (has('attack_vector') || has('mitre_ids') || has('mitre_tactic'))
    return 'a Calico Enterprise alert, which is no flow'
  if (has('reportTypeName') || has('reportName', 'reportSpec'))
    return 'a Calico Enterprise compliance report, which is no flow'
  return undefined
}

function recogniseOther(wire: Wire): string | undefined {
  if (Array.isArray(wire.resourceLogs) || Array.isArray(wire.resource_logs)) return 'OTLP logs'
  if (Array.isArray(wire.resourceSpans)) return 'OTLP traces: send them to /v1/traces'
  if (isRecord(wire.flow) && ('verdict' in wire.flow || 'IP' in wire.flow))
    return 'a Hubble flow: send it to /api/ingest/hubble'
  if (Array.isArray(wire.hints)) return 'Goldmane filter hints, which are no flows'
  if ('allowed_in' in wire || 'allowedIn' in wire) return 'Goldmane policy statistics, which are no flows'
  return undefined
}

/** Names the dialect of a line that is no JSON; undefined where nothing is recognised. */
export function recogniseText(line: string): string | undefined {
  const start = line.slice(0, 256)
  if (/^<\d{1,3}>/.test(start)) return 'syslog: send the JSON of its message'
  if (/^\d{9,11} \d{9,11} (?:wep|hep|ns|net) /.test(start))
    return 'the space-delimited flow log of old Calico Enterprise'
  if (/^\s*- Time=.* Reporter=/.test(start)) return 'the text output of `calico-node -flows`'
  if (/^data: ?\{/.test(start)) return 'the event stream of the Whisker REST API'
  if (/calico-packet: /.test(start)) return 'kernel lines of the policy action Log'
  return undefined
}
