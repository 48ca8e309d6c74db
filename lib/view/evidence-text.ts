import type { ConnectionRow, EdgeDetail } from '@/lib/model/edge-detail'
import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { aiSentence } from './ai-sentence'
import { doorSentences, namedByQuestion } from './door-sentence'
import { formatClock, formatCount } from './format'
import { reportSentence } from './verdict-sentence'

/** The evidence of an edge as Markdown for a ticket: sentences first, then judged connections with their raw rows. */
export function evidenceText(detail: EdgeDetail, windowWords: string): string {
  const { edge, clientNode, serverNode } = detail
  const lines = [
    `**${plain(clientNode.label)} → ${plain(serverNode.label)}**, port ${edge.serverPort}/${edge.protocol}, cluster ${plain(edge.cluster)}, ${windowWords}`,
    '',
    `- ${EDGE_STATE_WORD[edge.state]}; ${formatCount(edge.counters.connections)} connections, ${formatCount(edge.denied)} denied`,
    ...edge.variants.map((variant) => `- ${plain(reportSentence(variant))}`),
    ...(edge.door ? doorSentences(edge.door).map((sentence) => `- ${plain(sentence)}`) : []),
    ...(edge.ai ? [`- ${plain(aiSentence(edge.ai))}`] : []),
  ]
  for (const connection of detail.connections) {
    const left = connection.judgement.observedIp ? `, left by ${connection.judgement.observedIp}` : ''
    lines.push(
      `- ${formatClock(connection.firstMs)} ${connection.clientIp ?? '?'}:${connection.clientPort ?? '?'} → ${connection.serverIp ?? '?'}:${connection.serverPort}: ${connection.judgement.state}${left}`,
      ...namedOf(connection),
      ...connection.evidence.map((row) => `    ${row.hop ?? row.kind}: ${row.raw.replaceAll('\n', '\n    ')}`),
    )
  }
  return `${lines.join('\n')}\n`
}

/** Said only where the name is weaker than an answer. */
const namedOf = ({ judgement: { named } }: ConnectionRow): string[] =>
  named?.way === 'dns-question' ? [`    ${plain(namedByQuestion(named.hosts))}`] : []

/** Names come from outside: nothing in them may turn into markup or a new line. */
const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').replace(/[\\`*_[\]<>#|]/g, (mark) => `\\${mark}`)
