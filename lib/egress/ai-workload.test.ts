import { describe, expect, it } from 'vitest'
import { matchAiWorkload, roleFromLabels } from './ai-workload'

describe('a label that names the product is certain', () => {
  it.each([
    [{ 'app.kubernetes.io/name': 'ollama' }, 'model-server', 'ollama'],
    [{ 'app.kubernetes.io/name': 'litellm' }, 'gateway', 'litellm'],
    [{ app: 'qdrant' }, 'vector-store', 'qdrant'],
    [{ 'serving.kserve.io/inferenceservice': 'anything' }, 'model-server', 'kserve'],
    [{ 'app.kubernetes.io/name': 'n8n' }, 'agent', 'n8n'],
    [{ 'app.kubernetes.io/name': 'langfuse', 'app.kubernetes.io/component': 'worker' }, 'app', 'langfuse'],
  ])('%j is %s', (labels, role, by) => {
    expect(matchAiWorkload({ labels })).toEqual({ role, by, certain: true })
    expect(roleFromLabels(labels)).toEqual({ role, by })
  })
})

describe('false alarms', () => {
  it.each([8000, 8080, 3000, 80, 443, 30000, 9000, 6379])('port %d alone says nothing', (port) => {
    expect(matchAiWorkload({ labels: {}, serverPorts: [port] })).toBeUndefined()
  })
  it('a name alone says nothing', () => {
    expect(matchAiWorkload({ labels: {}, name: 'ollama' })).toBeUndefined()
  })
  it('a router is no AI gateway, even on port 80', () => {
    const labels = { 'app.kubernetes.io/component': 'router' }
    expect(matchAiWorkload({ labels })).toBeUndefined()
    expect(matchAiWorkload({ labels, serverPorts: [80] })?.certain).not.toBe(true)
    expect(roleFromLabels(labels)).toBeUndefined()
  })
  it('Kong is likely at most: it serves more than AI', () => {
    const labels = { 'app.kubernetes.io/name': 'kong' }
    expect(roleFromLabels(labels)).toBeUndefined()
    expect(matchAiWorkload({ labels, serverPorts: [8000] })).toEqual({ role: 'gateway', by: 'kong-ai', certain: false })
  })
  it('one of two telling ports is not enough', () => {
    expect(matchAiWorkload({ labels: {}, serverPorts: [6334] })).toBeUndefined()
  })
  it('inherited properties are no labels', () => {
    expect(matchAiWorkload({ labels: Object.create({ app: 'qdrant' }) })).toBeUndefined()
  })
})

describe('likely', () => {
  it('a telling port', () => {
    expect(matchAiWorkload({ labels: {}, serverPorts: [11434] })).toEqual({
      role: 'model-server',
      by: 'ollama',
      certain: false,
    })
  })
  it('a name beside a port of the same product', () => {
    expect(matchAiWorkload({ labels: {}, name: 'prod-vllm-0', serverPorts: [8000] })).toEqual({
      role: 'model-server',
      by: 'vllm',
      certain: false,
    })
    expect(matchAiWorkload({ labels: {}, name: 'notvllm', serverPorts: [8000] })).toBeUndefined()
  })
})
