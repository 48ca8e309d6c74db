/** The picture of a node, without its label, in px; one that stands for several is larger. */
export const NODE_PX = 40
export const GROUP_PX = { width: 72, height: 56 } as const
