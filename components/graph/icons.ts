import type { DoorElement, NodeLook } from './elements'

/** Own drawings on a 24 px grid, stroked in the colour of the text. */
const NODE_PATHS: Readonly<Record<NodeLook, string>> = {
  workload: '<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9z"/><path d="M4 7.5l8 4.5 8-4.5M12 12v9"/>',
  app: '<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M8 10l3 2.5L8 15M13 15h4"/>',
  agent:
    '<rect x="5" y="8" width="14" height="11" rx="3"/><path d="M12 8V4M12 4h.01M2.5 13v2M21.5 13v2M9.5 13v1.5M14.5 13v1.5"/>',
  'model-server':
    '<rect x="6" y="6" width="12" height="12" rx="2"/><rect x="10" y="10" width="4" height="4"/><path d="M9 3v3M15 3v3M9 18v3M15 18v3M3 9h3M3 15h3M18 9h3M18 15h3"/>',
  gateway: '<path d="M4 8h13l-3-3M20 16H7l3 3"/>',
  'vector-store':
    '<ellipse cx="12" cy="6" rx="7" ry="3"/><path d="M5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3"/>',
  provider: '<path d="M12 3l1.9 5.1L19 10l-5.1 1.9L12 17l-1.9-5.1L5 10l5.1-1.9z"/><path d="M18.5 15.5v4M16.5 17.5h4"/>',
  external:
    '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c2.7 2.6 2.7 14.4 0 17M12 3.5c-2.7 2.6-2.7 14.4 0 17"/>',
  internet: '<path d="M7 18a4.5 4.5 0 0 1-.4-9A6 6 0 0 1 18 10.5 3.8 3.8 0 0 1 17.5 18z"/>',
  host: '<rect x="4" y="4" width="16" height="7" rx="1.5"/><rect x="4" y="13" width="16" height="7" rx="1.5"/><path d="M8 7.5h.01M8 16.5h.01"/>',
  'kube-apiserver':
    '<circle cx="12" cy="12" r="3"/><path d="M12 3v6M12 15v6M4.2 7.5l5.2 3M14.6 13.5l5.2 3M4.2 16.5l5.2-3M14.6 10.5l5.2-3"/>',
  ingress: '<path d="M3 12h11M10 8l4 4-4 4"/><path d="M15 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4"/>',
  database:
    '<ellipse cx="12" cy="6" rx="7" ry="3"/><path d="M5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3"/>',
  queue:
    '<rect x="3" y="8" width="5" height="8" rx="1"/><rect x="9.5" y="8" width="5" height="8" rx="1"/><path d="M17 12h4M19 9.5l2.5 2.5-2.5 2.5"/>',
  local: '<path d="M4 11l8-7 8 7"/><path d="M6 10v9h12v-9M10 19v-5h4v5"/>',
  caller:
    '<circle cx="9" cy="8" r="3.2"/><path d="M3 19c.4-3.4 2.8-5 6-5s5.6 1.6 6 5M16.5 5.4a3.2 3.2 0 0 1 0 5.2M17.5 14.3c2 .6 3.2 2.2 3.5 4.7"/>',
  claimed:
    '<path d="M10 3l1.7 4.6 4.6 1.7-4.6 1.7L10 15.6 8.3 11 3.7 9.3l4.6-1.7z"/><path d="M16 16.2a1.9 1.9 0 1 1 2.6 1.8c-.5.3-.7.6-.7 1.1M17.9 21h.01"/>',
  pod: '<path d="M12 4l7 4v8l-7 4-7-4V8z"/><circle cx="12" cy="12" r="2.2"/>',
  'group-cluster':
    '<circle cx="12" cy="6" r="2.6"/><circle cx="6" cy="17" r="2.6"/><circle cx="18" cy="17" r="2.6"/><path d="M10.6 8.3L7.3 14.6M13.4 8.3l3.3 6.3M8.6 17h6.8"/>',
  'group-namespace':
    '<rect x="3.5" y="5" width="17" height="14" rx="2" stroke-dasharray="3 2"/><rect x="7" y="9" width="4" height="6" rx="1"/><rect x="13" y="9" width="4" height="6" rx="1"/>',
  'group-outside':
    '<circle cx="10" cy="10" r="6.5"/><path d="M3.5 10h13M10 3.5c2 2 2 11 0 13M10 3.5c-2 2-2 11 0 13M14 19.5a6.5 6.5 0 0 0 5.5-9.5"/>',
  'network-set':
    '<rect x="4" y="4" width="6" height="6" rx="1"/><rect x="14" y="4" width="6" height="6" rx="1"/><rect x="4" y="14" width="6" height="6" rx="1"/><rect x="14" y="14" width="6" height="6" rx="1"/>',
}

const SHIELD = 'M12 3l7 2.6v5.6c0 4.4-2.9 7.6-7 9.8-4.1-2.2-7-5.4-7-9.8V5.6z'

const svg = (body: string, stroke: string, fill = 'none', width = 1.7): string =>
  `data:image/svg+xml;utf8,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24" fill="${fill}" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`,
  )}`

/** What a provider is for, by the categories of the catalogue; others have the provider's own picture. */
const CATEGORY_PATHS: Readonly<Record<string, string>> = {
  gateway: NODE_PATHS.gateway,
  image:
    '<rect x="4" y="5" width="16" height="14" rx="2"/><circle cx="9" cy="10" r="1.6"/><path d="M4 17l5-4 3 2.5 3.5-4L20 16"/>',
  speech: '<rect x="9.5" y="3.5" width="5" height="10" rx="2.5"/><path d="M6 11a6 6 0 0 0 12 0M12 17v3.5M9 20.5h6"/>',
  observability: '<path d="M4 19V5M4 19h16M7.5 15l3.5-5 3 3 4.5-6.5"/>',
  vectordb: NODE_PATHS['vector-store'],
  hub: '<path d="M12 3.5l8 4-8 4-8-4z"/><path d="M4 12l8 4 8-4M4 16.5l8 4 8-4"/>',
  embedding:
    '<circle cx="6" cy="16" r="2"/><circle cx="12" cy="7" r="2"/><circle cx="18" cy="14" r="2"/><path d="M4 20.5h16M4 20.5V4"/>',
}
export const CATEGORIES = Object.keys(CATEGORY_PATHS)

/** The picture of a provider of a category. */
export const categoryIcon = (category: string, color: string): string =>
  svg(CATEGORY_PATHS[category] ?? NODE_PATHS.provider, color)

/** Says that AI workloads or providers are in a group. */
export const aiMark = (color: string): string =>
  svg('<path d="M12 2.5l2.4 7.1 7.1 2.4-7.1 2.4-2.4 7.1-2.4-7.1L2.5 12l7.1-2.4z"/>', color, color)

/** The picture in a node, as a data URI. */
export const nodeIcon = (look: NodeLook, color: string): string => svg(NODE_PATHS[look], color)

/** The shield of a door: slashed for a violation, plain where sanctioned, with a question mark where unverified. */
export function doorIcon(state: DoorElement['state'], color: string, surface: string): string {
  const mark = {
    violation: '<path d="M4 4l16 17"/>',
    sanctioned: '<path d="M8.8 11.8l2.4 2.4 4.2-4.6"/>',
    unverified: '<path d="M9.8 9.4a2.3 2.3 0 1 1 3 2.3c-.6.3-.8.7-.8 1.4M12 16h.01"/>',
  }[state]
  return svg(`<path d="${SHIELD}"/>${mark}`, color, surface, state === 'violation' ? 2.4 : 1.9)
}
