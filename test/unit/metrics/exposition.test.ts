import { describe, expect, it } from 'vitest'
import type { Declaration } from '../../../src/metrics/catalogue/declaration.ts'
import { collectFamily, type Format, type Samples } from '../../../src/metrics/exposition.ts'
import { closedLabelText } from '../../../src/metrics/labelText.ts'
import { piecesOf } from '../../../src/metrics/textBlocks.ts'

const gauge: Declaration = {
  help: 'Left "over" \\ by\nsomeone.',
  type: 'gauge',
  labels: ['a'],
  stability: 'stable',
  roles: ['cluster'],
  cardinality: 'one',
  since: '0.1.0',
  unit: 'seconds',
}

function render(name: string, declaration: Declaration, format: Format, collect: (samples: Samples) => void) {
  const { blocks, skipped } = collectFamily(name, declaration, format, collect)
  return { lines: [...piecesOf(blocks)].join('').split('\n'), skipped }
}

const oneSample = (samples: Samples) => samples.add('a="1"', 2)

const histogramSample = (samples: Samples) => {
  samples.addHistogram('a="1"', [0.5, 1, 30], [2, 0, 3, 1], 40.25)
  samples.addHistogram('', [1], [0, 0], 0)
}

describe('a family in the text format 0.0.4', () => {
  it('escapes backslashes and line ends in HELP, and writes no unit', () => {
    expect(render('x_seconds', gauge, 'text', oneSample).lines).toEqual([
      '# HELP x_seconds Left "over" \\\\ by\\nsomeone.',
      '# TYPE x_seconds gauge',
      'x_seconds{a="1"} 2',
      '',
    ])
  })

  it('keeps _total in the name of a counter family', () => {
    const counter: Declaration = { ...gauge, help: 'Things.', type: 'counter' }
    expect(render('x_seconds_total', counter, 'text', oneSample).lines).toEqual([
      '# HELP x_seconds_total Things.',
      '# TYPE x_seconds_total counter',
      'x_seconds_total{a="1"} 2',
      '',
    ])
  })

  it('cumulates the buckets of a histogram', () => {
    expect(render('x', { ...gauge, help: 'X.', type: 'histogram' }, 'text', histogramSample).lines).toEqual([
      '# HELP x X.',
      '# TYPE x histogram',
      'x_bucket{a="1",le="0.5"} 2',
      'x_bucket{a="1",le="1"} 2',
      'x_bucket{a="1",le="30"} 5',
      'x_bucket{a="1",le="+Inf"} 6',
      'x_sum{a="1"} 40.25',
      'x_count{a="1"} 6',
      'x_bucket{le="1"} 0',
      'x_bucket{le="+Inf"} 0',
      'x_sum 0',
      'x_count 0',
      '',
    ])
  })
})

describe('a family in OpenMetrics 1.0', () => {
  it('escapes quotes in HELP as well, and writes the unit', () => {
    expect(render('x_seconds', gauge, 'openmetrics', oneSample).lines).toEqual([
      '# HELP x_seconds Left \\"over\\" \\\\ by\\nsomeone.',
      '# TYPE x_seconds gauge',
      '# UNIT x_seconds seconds',
      'x_seconds{a="1"} 2',
      '',
    ])
  })

  it('leaves _total out of the name of a counter family, not out of its samples', () => {
    const counter: Declaration = { ...gauge, help: 'Things.', type: 'counter' }
    expect(render('x_seconds_total', counter, 'openmetrics', oneSample).lines).toEqual([
      '# HELP x_seconds Things.',
      '# TYPE x_seconds counter',
      '# UNIT x_seconds seconds',
      'x_seconds_total{a="1"} 2',
      '',
    ])
  })

  it('writes the bounds of buckets as canonical floats', () => {
    const { lines } = render('x', { ...gauge, type: 'histogram' }, 'openmetrics', histogramSample)
    expect(lines.filter((line) => line.startsWith('x_bucket{a'))).toEqual([
      'x_bucket{a="1",le="0.5"} 2',
      'x_bucket{a="1",le="1.0"} 2',
      'x_bucket{a="1",le="30.0"} 5',
      'x_bucket{a="1",le="+Inf"} 6',
    ])
  })
})

const closed = (name: string, ...values: string[]) => values.map((value) => closedLabelText([name], [value]))

describe('the values of samples', () => {
  it.each([
    [0, '0'],
    [-12.5, '-12.5'],
    [1795262400.123, '1795262400.123'],
    [1e21, '1e+21'],
    [5e-7, '5e-7'],
    [9_007_199_254_740_993n, '9007199254740993'],
  ])('writes %s as %s', (value, text) => {
    expect(render('x', gauge, 'text', (samples) => samples.add('', value)).lines).toContain(`x ${text}`)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('leaves out and counts %f', (value) => {
    const { lines, skipped } = render('x', { ...gauge, help: 'X.' }, 'text', (samples) => {
      samples.add('a="bad"', value)
      samples.add('a="good"', 1)
      samples.addHistogram('', [1], [1, 0], value)
    })
    expect(lines).toEqual(['# HELP x X.', '# TYPE x gauge', 'x{a="good"} 1', ''])
    expect(skipped).toBe(2)
  })

  it('writes a time under each of many labels in seconds, since the beginning that is given', () => {
    const { lines, skipped } = render('x', { ...gauge, help: 'X.' }, 'text', (samples) => {
      samples.addSeconds(closed('a', '1', '2', '3'), [1500, Number.NaN, 61_000], 60_000)
      samples.addSeconds(closed('b', '1'), [1_795_262_400_123])
      samples.add('', 1)
    })
    expect(lines.slice(2)).toEqual(['x{a="1"} -58.5', 'x{a="3"} 1', 'x{b="1"} 1795262400.123', 'x 1', ''])
    expect(skipped).toBe(1)
  })

  it('writes one value under each of many labels', () => {
    const { lines, skipped } = render('x', gauge, 'text', (samples) => samples.addEach(closed('a', '1', '2'), 1))
    expect(lines.slice(2)).toEqual(['x{a="1"} 1', 'x{a="2"} 1', ''])
    expect(skipped).toBe(0)
  })

  it('loses no sample of a family that is longer than one chunk', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `a="${index}"`)
    const { lines } = render('x', gauge, 'text', (samples) => names.forEach((labels) => samples.add(labels, 1)))
    expect(lines.slice(2, -1)).toEqual(names.map((labels) => `x{${labels}} 1`))
  })
})
