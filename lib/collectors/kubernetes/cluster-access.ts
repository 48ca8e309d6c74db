import { stat } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { CollectorFailure } from '../collector'

/** Credentials are read again this often at the latest: tokens rotate. */
const RELOAD_MS = 60_000

export interface AccessSettings {
  /** Path of a kubeconfig; absent = the account of Postern's own pod. */
  readonly kubeconfig?: string
  readonly context?: string
}

/** Where the API server is, and how to be let in. */
export interface Access {
  /** Base of every path, without a slash at its end. */
  readonly server: string
  /** Authorization, TLS and proxy for one request. */
  readonly options: RequestOptions
}

/**
 * The way to the API server by a kubeconfig or the pod's own account, through the client library: certificates, tokens and
 * their files, exec plug-ins, proxies. A changed kubeconfig, a rotated token and refused credentials (`forget`) are read
 * anew. Throws `CollectorFailure` where there is no way, in words for the operator.
 */
export class ClusterAccess {
  private loaded: { readonly config: KubeConfig; readonly stamp: string; readonly atMs: number } | undefined

  constructor(
    private readonly settings: AccessSettings,
    private readonly now: () => number,
  ) {}

  /** For one request. */
  async open(): Promise<Access> {
    const config = await this.config()
    const server = config.getCurrentCluster()?.server ?? ''
    const options: RequestOptions = {}
    try {
      await config.applyToHTTPSOptions(options)
    } catch (error) {
      throw new CollectorFailure(
        `the credentials cannot be read: ${messageOf(error)}`,
        'Check the files and the plug-in that the kubeconfig names.',
        false,
        { cause: error },
      )
    }
    return { server, options }
  }

  /** Credentials were refused: read them again for the next request. */
  forget(): void {
    this.loaded = undefined
  }

  private async config(): Promise<KubeConfig> {
    const stamp = await this.stamp()
    const atMs = this.now()
    if (
      this.loaded &&
      this.loaded.stamp === stamp &&
      (atMs - this.loaded.atMs < RELOAD_MS || isSelfRefreshing(this.loaded.config))
    )
      return this.loaded.config
    const config = await this.load()
    this.loaded = { config, stamp, atMs }
    return config
  }

  private async stamp(): Promise<string> {
    const { kubeconfig } = this.settings
    if (!kubeconfig) return ''
    const file = await stat(kubeconfig).catch(() => undefined)
    return file ? `${file.ino} ${file.mtimeMs} ${file.size}` : 'absent'
  }

  private async load(): Promise<KubeConfig> {
    // Large, and needed only where an inventory is configured.
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    const { kubeconfig, context } = this.settings
    if (!kubeconfig) {
      config.loadFromCluster()
      if (/undefined/.test(config.getCurrentCluster()?.server ?? 'undefined'))
        throw new CollectorFailure(
          'Postern does not run in a pod of the cluster',
          'Set POSTERN_KUBERNETES to the path of a kubeconfig, or run Postern in the cluster (docs/kubernetes.md).',
          true,
        )
      return config
    }
    try {
      config.loadFromFile(kubeconfig)
    } catch (error) {
      throw new CollectorFailure(
        `the kubeconfig cannot be read: ${messageOf(error)}`,
        'Check the path and that Postern may read it.',
        true,
        { cause: error },
      )
    }
    if (context) config.setCurrentContext(context)
    if (!config.getCurrentCluster())
      throw new CollectorFailure(
        `the kubeconfig has no context ${context ?? config.getCurrentContext() ?? '(none is current)'} with a cluster`,
        'Name one of its contexts as `context`.',
        true,
      )
    return config
  }
}

/** Plug-ins know when their tokens expire; asking them each minute would start a process each minute. */
const isSelfRefreshing = (config: KubeConfig): boolean => {
  const user = config.getCurrentUser()
  return Boolean(user?.exec ?? user?.authProvider)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown').slice(0, 200)
