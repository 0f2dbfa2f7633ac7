import { describe, expect, it } from 'vitest'
import { acceptsGzip, contentTypes, negotiateFormat } from '../../../src/metrics/negotiate.ts'

const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,' +
  'application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,' +
  'text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

describe('the format of an answer', () => {
  it.each([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['application/json', 'text'],
    [prometheus3, 'openmetrics'],
    ['application/openmetrics-text', 'openmetrics'],
    ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
    ['application/openmetrics-text;version=2.0.0', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
    ['application/openmetrics-text;q=0.3,text/plain;q=0.5', 'text'],
    ['text/plain;q=0.3,application/openmetrics-text;q=0.5', 'openmetrics'],
    ['text/plain,application/openmetrics-text', 'text'],
    ['application/openmetrics-text,text/plain', 'openmetrics'],
    ['application/openmetrics-text;q=high,text/plain;q=0.1', 'text'],
    ['application/openmetrics-text;q=,text/*;q=0.1', 'text'],
    [';;,=;q', 'text'],
  ] as const)('Accept: %s gets %s', (accept, format) => {
    expect(negotiateFormat(accept)).toBe(format)
  })

  it('is named by the content types that Prometheus knows', () => {
    expect(contentTypes).toEqual({
      text: 'text/plain; version=0.0.4; charset=utf-8',
      openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    })
  })
})

describe('compression', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, GZIP;q=0.5, br', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['*', true],
    ['br, identity', false],
  ])('Accept-Encoding: %s lets gzip be used: %s', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted)
  })
})
