import { env, retention } from '@/lib/env'
import { retentionMs } from '@/lib/http/handle'
import type { Collector } from './collector'
import { readCollectorSettings } from './collector-config'
import { otlpGrpcListener } from './otlp-grpc'
import { otlpHttpListener } from './otlp-http'
import { type RunningCollectors, startCollectors } from './start-collectors'

/**
 * Starts the collectors that the settings of this process name, and its listeners. Throws `bad_request` where the settings
 * are wrong: a server that silently does not collect must not start.
 */
export async function startAllCollectors(fileText: string | undefined): Promise<RunningCollectors> {
  const settings = env()
  const collectors = readCollectorSettings(fileText, {
    defaultCluster: settings.POSTERN_CLUSTER,
    hubbleRelay: settings.POSTERN_HUBBLE_RELAY,
    goldmane: settings.POSTERN_GOLDMANE,
    goldmaneTlsDir: settings.POSTERN_GOLDMANE_TLS_DIR,
    kubeconfig: settings.POSTERN_KUBERNETES,
  })
  return startCollectors(collectors, listeners(), {
    defaultCluster: settings.POSTERN_CLUSTER,
    retentionMs: retentionMs(),
    evidenceMs: retention().evidence,
    ...(settings.POSTERN_NODE_NAME && { nodeName: settings.POSTERN_NODE_NAME }),
  })
}

/** Ports of their own, beside the main one; 0 = none. */
function listeners(): Collector[] {
  const { POSTERN_HOST: host, POSTERN_OTLP_HTTP_PORT: httpPort, POSTERN_OTLP_GRPC_PORT: grpcPort } = env()
  return [
    ...(httpPort === 0 ? [] : [otlpHttpListener({ host, port: httpPort })]),
    ...(grpcPort === 0 ? [] : [otlpGrpcListener({ host, port: grpcPort })]),
  ]
}
