import { describe, expect, it } from 'vitest'
import { isTracing, samplingOf, sendingSettings, tracesUrl } from '../../../src/traces/settings.ts'

const endpoint = 'http://collector:4318'

describe('traces are sent', () => {
  it.each([
    ['where the file has an endpoint', { endpoint }, {}, true],
    ['where the variable for all signals has one', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true],
    ['where the variable for traces has one', {}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, true],
    ['not without an endpoint', {}, {}, false],
    ['not with an empty one', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    ['not where OpenTelemetry is switched off', { endpoint }, { OTEL_SDK_DISABLED: 'true' }, false],
    ['not where the exporter is none', { endpoint }, { OTEL_TRACES_EXPORTER: 'none' }, false],
  ] as const)('%s', (_, settings, env, expected) => {
    expect(isTracing(settings, env)).toBe(expected)
  })

  it.each([endpoint, `${endpoint}/`])('to the path for traces below %s', (given) => {
    expect(tracesUrl({ endpoint: given })).toBe('http://collector:4318/v1/traces')
  })

  it('to wherever the variables say if the file does not', () => {
    expect(tracesUrl({})).toBeUndefined()
  })
})

describe('the share that is sent', () => {
  it.each([
    ['everything by default', {}, {}, 1],
    ['what the file says', { sampleRatio: 0.5 }, { OTEL_TRACES_SAMPLER: 'always_off' }, 0.5],
    ['all', {}, { OTEL_TRACES_SAMPLER: 'always_on' }, 1],
    ['none', {}, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    ['a ratio', {}, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
    [
      'a ratio of those without a parent',
      {},
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      0.1,
    ],
    ['everything for a ratio that is not given', {}, { OTEL_TRACES_SAMPLER: 'traceidratio' }, 1],
  ] as const)('%s', (_, settings, env, ratio) => {
    expect(samplingOf(settings, env)).toEqual({ ratio })
  })

  it.each([
    [
      { OTEL_TRACES_SAMPLER: 'jaeger_remote' },
      'OTEL_TRACES_SAMPLER: no sampler is called "jaeger_remote"; everything is sent',
    ],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '10%' },
      'OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1 (got "10%"); everything is sent',
    ],
  ])('is everything where the variables cannot be understood, and that is said: %j', (env, problem) => {
    expect(samplingOf({}, env)).toEqual({ ratio: 1, problem })
  })
})

it('the variables of a batch span processor count, if they are positive numbers', () => {
  expect(sendingSettings({})).toEqual({ queueSpans: 8192, batchSpans: 512, delayMs: 5000, timeoutMs: 30_000 })
  const env = {
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200',
    OTEL_BSP_SCHEDULE_DELAY: '-1',
    OTEL_BSP_EXPORT_TIMEOUT: '1000',
  }
  expect(sendingSettings(env)).toEqual({ queueSpans: 100, batchSpans: 100, delayMs: 5000, timeoutMs: 1000 })
})
