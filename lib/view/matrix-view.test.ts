import { describe, expect, it } from 'vitest'
import { addMatrixView, type MatrixView, parseMatrixView } from './matrix-view'

const VIEW: MatrixView = {
  tab: 'doors',
  doorStates: ['violation', 'unverified'],
  providers: ['openai', 'possible'],
  text: 'plan & co',
  fromRow: 200,
  cell: { row: '-6519273648172364', column: 'aws-bedrock' },
}

describe('the view of the matrix in a link', () => {
  it('opens the same view again', () => {
    expect(parseMatrixView(addMatrixView(new URLSearchParams('dataset=demo'), VIEW))).toEqual(VIEW)
  })
  it('writes no defaults, and takes away what is no longer so', () => {
    const params = addMatrixView(new URLSearchParams('tab=doors&row=9&cell=1~x&dataset=demo'), {
      tab: 'matrix',
      doorStates: [],
      providers: [],
      text: '',
      fromRow: 0,
    })
    expect(params.toString()).toBe('dataset=demo')
  })
  it.each(['cell=abc~openai', 'cell=1~', 'cell=1~<b>', 'row=-3', 'row=1.5', 'row=1e99', 'door=good', 'tab=x'])(
    'of %s takes the default',
    (text) => {
      expect(parseMatrixView(new URLSearchParams(text))).toEqual({
        tab: 'matrix',
        doorStates: [],
        providers: [],
        text: '',
        fromRow: 0,
      })
    },
  )
})
