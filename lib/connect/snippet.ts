/** Something to paste that connects a source, or a setting: what it is for, and the text. */
export interface Snippet {
  readonly title: string
  readonly command: string
}

/** Where senders reach Postern, and as what they send. Names come from outside and are quoted. */
export interface ConnectTarget {
  readonly server: URL
  readonly cluster: string
}

/** A target with the hop of a path, as `?hop=` names it. */
export interface HopTarget extends ConnectTarget {
  readonly hop: string
}
