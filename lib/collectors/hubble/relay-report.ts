import type { CollectorStatus } from '@/lib/model/collector'
import type { ServerStatus } from './protocol'

const NAMES_SHOWN = 20

/** What is known of a Relay, put together into one status: trouble of ours first, then of its nodes. */
export class RelayReport {
  private nodes: CollectorStatus['nodes']
  private version = ''
  private isAnswering = false
  private isDatabaseAway = false

  constructor(
    private readonly address: string,
    private readonly report: (status: CollectorStatus) => void,
  ) {
    this.tell()
  }

  answered(): void {
    this.isAnswering = true
    this.tell()
  }

  databaseIsAway(isAway: boolean): void {
    if (this.isDatabaseAway === isAway) return
    this.isDatabaseAway = isAway
    this.tell()
  }

  serverStatus(status: ServerStatus): void {
    this.isAnswering = true
    this.version = status.version?.slice(0, 60) ?? ''
    this.nodes =
      status.num_connected_nodes === undefined
        ? undefined
        : {
            connected: status.num_connected_nodes,
            unavailable: status.num_unavailable_nodes ?? 0,
            unavailableNames: status.unavailable_nodes.slice(0, NAMES_SHOWN).map((name) => name.slice(0, 253)),
          }
    this.tell()
  }

  private tell(): void {
    this.report({ ...this.words(), address: this.address, ...(this.nodes && { nodes: this.nodes }) })
  }

  private words(): Pick<CollectorStatus, 'state' | 'detail' | 'remedy'> {
    if (this.isDatabaseAway)
      return {
        state: 'retrying',
        detail: 'The database is away: what was read waits for it, and no more is read than may wait.',
        remedy: 'Nothing is lost while Hubble’s ring buffers hold it, some minutes: bring the database back.',
      }
    if (!this.isAnswering) return { state: 'starting', detail: 'Connecting.' }
    const { nodes } = this
    const following = this.version ? `Following flows (${this.version}).` : 'Following flows.'
    if (!nodes) return { state: 'connected', detail: following }
    const total = nodes.connected + nodes.unavailable
    if (nodes.connected === 0)
      return {
        state: 'retrying',
        detail: `Relay answers, but reaches none of its ${total} nodes: no flow can come.`,
        remedy:
          'Look at Relay’s log: usually the certificates between Relay and the agents, or port 4244 of the nodes.',
      }
    if (nodes.unavailable > 0)
      return {
        state: 'connected',
        detail: following,
        remedy: 'Flows of the other nodes are missing: look at their Cilium agents and at Relay’s log.',
      }
    return { state: 'connected', detail: following }
  }
}
