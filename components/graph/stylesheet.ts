import type { StylesheetJson } from 'cytoscape'
import { EDGE_STATES } from '@/lib/model/verdict'
import { STATE_COLORS, STATE_LOOK, type Theme } from '@/lib/view/state-colors'
import type { DoorElement, NodeLook } from './elements'
import { doorIcon, nodeIcon } from './icons'

/** Neutral colours of app/globals.css: a canvas reads no CSS variables. */
const SURFACE: Readonly<
  Record<Theme, Readonly<Record<'page' | 'node' | 'box' | 'border' | 'text' | 'muted' | 'accent', string>>>
> = {
  light: {
    page: '#f6f7f9',
    node: '#ffffff',
    box: '#ffffff',
    border: '#c6ccd5',
    text: '#14181f',
    muted: '#535c69',
    accent: '#1d5fd6',
  },
  dark: {
    page: '#0d1117',
    node: '#1f2630',
    box: '#161b22',
    border: '#3a4450',
    text: '#e7ebf0',
    muted: '#9aa4b1',
    accent: '#6ea3ff',
  },
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
]
const DOORS: readonly DoorElement['state'][] = ['violation', 'sanctioned', 'unverified']
const WIDER: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2.5 }
export const NODE_PX = 40
export const DOOR_PX = 20

/** How the drawing looks in a theme; `font` is the family name that the page loaded. */
export function stylesheetOf(theme: Theme, font: string): StylesheetJson {
  const neutral = SURFACE[theme]
  const colors = STATE_COLORS[theme]
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
        'min-zoomed-font-size': 6,
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
    {
      selector: 'node[look = "external"], node[look = "internet"], node[look = "claimed"]',
      style: { shape: 'ellipse' as const },
    },
    {
      selector: 'node[kind = "box"]',
      style: {
        shape: 'round-rectangle',
        'background-color': neutral.box,
        'background-opacity': theme === 'light' ? 0.7 : 0.55,
        'border-width': 1,
        'border-color': neutral.border,
        'border-style': 'dashed',
        label: 'data(label)',
        color: neutral.muted,
        'font-size': 11,
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
        'curve-style': 'unbundled-bezier',
        'control-point-weights': 'data(weights)' as unknown as number,
        'control-point-distances': 'data(distances)' as unknown as number,
        'edge-distances': 'node-position',
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
    { selector: 'edge[?isProblem], edge.hovered, edge.chosen', style: { label: 'data(label)', 'z-index': 10 } },
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
    { selector: '.dimmed', style: { opacity: 0.25 } },
    { selector: 'node.hovered', style: { 'border-color': neutral.accent } },
    { selector: 'node.chosen', style: { 'border-color': neutral.accent, 'border-width': 3 } },
    {
      selector: 'edge.chosen',
      style: { 'underlay-color': neutral.accent, 'underlay-opacity': 0.25, 'underlay-padding': 4 },
    },
    {
      selector: 'node.focused',
      style: { 'outline-color': neutral.accent, 'outline-width': 3, 'outline-offset': 3, 'outline-opacity': 1 },
    },
  ] as StylesheetJson
}
