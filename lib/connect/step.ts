import type { HopTarget } from './snippet'

/** In what form a step is pasted: what a test parses it as. `ini` is Fluent Bit's classic form, `text` needs a hand. */
export type StepForm = 'yaml' | 'shell' | 'ini' | 'text'

/** One thing to paste, in the order in which it is done. */
export interface ConnectStep {
  readonly title: string
  readonly form: StepForm
  readonly text: string
  /** Settings in it that a reader may want to know, each with what it does. */
  readonly settings?: readonly (readonly [name: string, does: string])[]
}

/** Where senders reach Postern, as what they send, and with which token; '' where none was made yet. */
export interface WayTarget extends HopTarget {
  readonly token: string
}

/** Namespace of what a way installs in the cluster. */
export const SHIPPER_NAMESPACE = 'postern-shipper'
/** Stands where no token was made yet. */
export const NO_TOKEN = 'MAKE-A-TOKEN-ABOVE'

/** Behind a proxy the server may stand under a path. */
export const baseOf = (server: URL): string => `${server.origin}${server.pathname.replace(/\/+$/, '')}`
