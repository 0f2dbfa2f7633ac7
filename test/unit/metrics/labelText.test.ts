import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closedLabelText, labelText } from '../../../src/metrics/labelText.ts'

describe('labels of a sample', () => {
  it.each([
    ['plain', ['a', 'b'], ['1', '2'], 'a="1",b="2"'],
    ['a label without a value', ['a', 'b', 'c'], ['', '2', ''], 'b="2"'],
    ['none at all', [], [], ''],
    ['a quote that would end the value', ['a'], ['1",b="2'], 'a="1\\",b=\\"2"'],
    ['a line end that would begin a sample', ['a'], ['1"} 1\nup 1'], 'a="1\\"} 1\\nup 1"'],
    ['a backslash before the closing quote', ['a'], ['1\\'], 'a="1\\\\"'],
    ['text that looks escaped', ['a'], ['\\n'], 'a="\\\\n"'],
    ['other alphabets', ['a'], ['名前 ü'], 'a="名前 ü"'],
  ])('%s', (_, names, values, text) => {
    expect(labelText(names, values)).toBe(text)
    expect(closedLabelText(names, values)).toBe(`${text}} `)
  })

  it('can always be read back, and is always one line', () => {
    const readBack = (text: string) =>
      text.slice('a="'.length, -1).replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : String(character)))
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: fc.constantFrom('\\', '"', '\n', 'n', '}', ' ') }), (value) => {
        const text = labelText(['a'], [value])
        expect(text).not.toContain('\n')
        expect(text).toMatch(/^a="([^"\\]|\\[\\"n])*"$/)
        expect(readBack(text)).toBe(value)
      }),
    )
  })
})
