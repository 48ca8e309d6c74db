import path from 'node:path'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import {
  DIRECTION,
  DROP_REASON,
  L7_TYPE,
  LOST_SOURCE,
  NODE_STATE,
  OBSERVATION_POINT,
  VERDICT,
} from '@/lib/sources/hubble/enums'

const folder = path.join(import.meta.dirname, 'proto')

function parsed(): protobuf.Root {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : path.join(folder, target))
  return root.loadSync('observer/observer.proto', { keepCase: true })
}

describe('the bundled descriptor', () => {
  it('is what the .proto files say; `npx vitest run PATH -u` writes it', async () => {
    const json = `${JSON.stringify(parsed().toJSON(), null, 1)}\n`
    await expect(json).toMatchFileSnapshot(path.join(import.meta.dirname, 'generated/protocol.json'))
  })

  it.each([
    ['flow.Verdict', VERDICT],
    ['flow.TrafficDirection', DIRECTION],
    ['flow.TraceObservationPoint', OBSERVATION_POINT],
    ['flow.L7FlowType', L7_TYPE],
    ['flow.LostEventSource', LOST_SOURCE],
    ['flow.DropReason', DROP_REASON],
    ['relay.NodeState', NODE_STATE],
  ])('names %s as the decoder of JSON does', (name, names) => {
    const { valuesById } = parsed().lookupEnum(name)
    expect(valuesById).toEqual(names)
  })
})
