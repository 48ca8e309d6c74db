import type { StylesheetJson } from 'cytoscape'
import { EDGE_STATES } from '@/lib/model/verdict'
import { STATE_LOOK } from '@/lib/view/state-colors'
import type { DoorElement, NodeLook } from './elements'
import { aiMark, CATEGORIES, categoryIcon, doorIcon, nodeIcon } from './icons'
import { LEAST_NAME_PX } from './label-sizes'
import { GROUP_PX, NODE_PX } from './node-size'
import type { Palette } from './palette'

export interface Look {
  readonly palette: Palette
  /** The family name under which the page loaded its font. */
  readonly font: string
}

const LOOKS: readonly NodeLook[] = [
  'agent',
  'model-server',
  'gateway',
  'vector-store',
  'app',
  'workload',
  'provider',
  'external',
  'internet',
  'host',
  'kube-apiserver',
  'ingress',
  'network-set',
  'database',
  'queue',
  'local',
  'caller',
  'claimed',
  'pod',
  'group-cluster',
  'group-namespace',
  'group-outside',
]
const DOORS: readonly DoorElement['state'][] = ['violation', 'sanctioned', 'unverified']
const WIDER: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2.5 }
export const DOOR_PX = 20

/** How a drawing looks. Of many edges each is straight and says nothing, so that it stays quick to draw. */
export function stylesheetOf({ palette, font }: Look, isMany: boolean): StylesheetJson {
  const { neutral, states: colors, isForced } = palette
  return [
    {
      selector: 'node',
      style: {
        width: NODE_PX,
        height: NODE_PX,
        shape: 'round-rectangle',
        'background-color': neutral.node,
        'border-width': 1,
        'border-color': neutral.border,
        label: 'data(label)',
        color: neutral.text,
        'font-family': font,
        'font-size': 11,
        'text-wrap': 'wrap',
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'line-height': 1.25,
        'min-zoomed-font-size': LEAST_NAME_PX,
        'text-background-color': neutral.page,
        'text-background-opacity': 0.75,
        'text-background-padding': '1px',
        'background-width': '58%',
        'background-height': '58%',
        'overlay-opacity': 0,
      },
    },
    ...LOOKS.map((look) => ({
      selector: `node[look = "${look}"]`,
      style: { 'background-image': nodeIcon(look, neutral.text) },
    })),
    { selector: 'node[look = "provider"]', style: { shape: 'ellipse' as const, 'border-width': 1.5 } },
    ...CATEGORIES.map((category) => ({
      selector: `node[look = "provider"][category = "${category}"]`,
      style: { 'background-image': categoryIcon(category, neutral.text) },
    })),
    {
      selector: 'node[?isGroup]',
      style: {
        ...GROUP_PX,
        shape: 'cut-rectangle' as const,
        'border-width': 3,
        'border-style': 'double' as const,
        'border-color': neutral.muted,
        'background-width': '46%',
        'background-height': '60%',
        'min-zoomed-font-size': 0,
      },
    },
    ...LOOKS.filter((look) => look.startsWith('group-')).map((look) => ({
      selector: `node[look = "${look}"][?isAi]`,
      style: {
        'background-image': [nodeIcon(look, neutral.text), aiMark(neutral.text)] as unknown as string,
        'background-width': ['46%', '26%'] as unknown as string,
        'background-height': ['60%', '34%'] as unknown as string,
        'background-position-x': ['50%', '94%'] as unknown as string,
        'background-position-y': ['50%', '8%'] as unknown as string,
      },
    })),
    {
      selector: 'node[look = "external"], node[look = "internet"], node[look = "claimed"]',
      style: { shape: 'ellipse' as const },
    },
    {
      selector: 'node[kind = "box"]',
      style: {
        shape: 'round-rectangle',
        'background-color': neutral.box,
        'background-opacity': 0.6,
        'border-width': 1,
        'border-color': neutral.border,
        'border-style': 'dashed',
        label: 'data(label)',
        color: neutral.muted,
        'font-size': 11,
        // A name is never hidden, and never wider than its box.
        'min-zoomed-font-size': 0,
        'text-wrap': 'ellipsis',
        'text-max-width': 'data(titleWidth)' as unknown as string,
        'text-valign': 'top',
        'text-halign': 'center',
        'text-margin-y': -3,
        padding: '24px',
        events: 'no',
      },
    },
    {
      selector: 'node[?isAlarmed]',
      style: {
        'underlay-color': colors.violation,
        'underlay-opacity': 0.28,
        'underlay-padding': 9,
        'underlay-shape': 'ellipse',
        'border-color': colors.violation,
        'border-width': 2,
      },
    },
    {
      selector: 'edge',
      style: {
        ...(isMany
          ? { 'curve-style': 'straight' as const }
          : {
              'curve-style': 'unbundled-bezier' as const,
              'control-point-weights': 'data(weights)' as unknown as number,
              'control-point-distances': 'data(distances)' as unknown as number,
              'edge-distances': 'node-position' as const,
            }),
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.85,
        label: '',
        color: neutral.text,
        'font-family': font,
        'font-size': 10,
        'text-background-color': neutral.page,
        'text-background-opacity': 0.9,
        'text-background-padding': '2px',
        'text-background-shape': 'roundrectangle',
        'min-zoomed-font-size': 6,
        'overlay-opacity': 0,
      },
    },
    // Above its node: beside it, the node would stand on the label.
    {
      selector: 'edge:loop',
      style: {
        'loop-direction': '0deg',
        'loop-sweep': '-70deg',
        'control-point-step-size': 50,
        'text-margin-y': -8,
      },
    },
    ...EDGE_STATES.flatMap((state) => {
      const look = STATE_LOOK[state]
      return [1, 2, 3].map((volume) => ({
        selector: `edge[state = "${state}"][volume = ${volume}]`,
        style: {
          width: look.width + (WIDER[volume] ?? 0),
          'line-style': look.line,
          'line-color': colors[look.color],
          'target-arrow-color': colors[look.color],
        },
      }))
    }),
    // A bundle is drawn as two lines: a pale one around its own.
    {
      selector: 'edge[?isBundle]',
      style: { 'underlay-color': neutral.muted, 'underlay-opacity': 0.16, 'underlay-padding': 3 },
    },
    ...changeStyles(palette),
    {
      selector: isMany
        ? 'edge.hovered, edge.chosen, edge.focused'
        : `${isForced ? 'edge' : 'edge[?isProblem], edge[change != ""]'}, edge.hovered, edge.chosen, edge.focused`,
      // Of many an edge keeps its place in the order: another one would have the layers that it is in drawn anew.
      style: { label: 'data(label)', ...(!isMany && { 'z-index': 10 }) },
    },
    ...DOORS.map((state) => ({
      selector: `node[kind = "door"][door = "${state}"]`,
      style: {
        width: state === 'violation' ? DOOR_PX + 4 : DOOR_PX,
        height: state === 'violation' ? DOOR_PX + 4 : DOOR_PX,
        shape: 'ellipse' as const,
        label: '',
        'background-color': neutral.page,
        'background-opacity': 0,
        'border-width': 0,
        'background-width': '100%',
        'background-height': '100%',
        'background-image': doorIcon(state, state === 'violation' ? colors.violation : neutral.text, neutral.node),
        'z-index': 20,
      },
    })),
    // A ring of two lines in the colour of text: no state has that.
    {
      selector: 'node.found',
      style: {
        'outline-color': neutral.text,
        'outline-width': 4,
        'outline-style': 'double' as const,
        'outline-offset': 4,
        'outline-opacity': 1,
      },
    },
    {
      selector: 'edge.found',
      style: {
        'underlay-color': neutral.text,
        'underlay-opacity': 0.3,
        'underlay-padding': 4,
        label: 'data(label)',
        'z-index': 11,
      },
    },
    { selector: '.faint', style: { opacity: 0.6 } },
    { selector: '.dimmed', style: { opacity: 0.25 } },
    // Said at any zoom, over what is near; of many a node keeps its place in the order, as edges do.
    {
      selector: 'node.hovered, node.chosen, node.focused',
      style: { 'min-zoomed-font-size': 0, 'text-background-opacity': 0.95, ...(!isMany && { 'z-index': 12 }) },
    },
    { selector: 'node.hovered', style: { 'border-color': neutral.accent } },
    { selector: 'node.chosen', style: { 'border-color': neutral.accent, 'border-width': 3 } },
    {
      selector: 'edge.chosen, edge.focused',
      style: { 'underlay-color': neutral.accent, 'underlay-opacity': 0.25, 'underlay-padding': 4 },
    },
    {
      selector: 'node.focused',
      style: { 'outline-color': neutral.accent, 'outline-width': 3, 'outline-offset': 3, 'outline-opacity': 1 },
    },
  ] as StylesheetJson
}

/** Beside the sign in its label, each change has a line or a mark of its own; none takes a colour of a state. */
function changeStyles({ neutral }: Palette) {
  const casing = { 'underlay-color': neutral.accent, 'underlay-opacity': 0.3, 'underlay-padding': 4 }
  const mark = (shape: 'diamond' | 'circle') => ({
    'mid-source-arrow-shape': shape,
    'mid-source-arrow-color': neutral.text,
    'arrow-scale': 1.1,
  })
  return [
    { selector: 'edge[change = "added"]', style: casing },
    {
      selector: 'edge[change = "removed"]',
      style: { 'line-style': 'dashed', 'line-dash-pattern': [9, 7], opacity: 0.7 },
    },
    { selector: 'edge[change = "verdict"]', style: mark('diamond') },
    { selector: 'edge[change = "volume"]', style: mark('circle') },
  ]
}
