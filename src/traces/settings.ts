/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The settings of the file that concern traces. */
export interface TracingSettings {
  readonly endpoint?: string | undefined
  readonly sampleRatio?: number | undefined
}

/** How spans are gathered and sent. */
export interface SendingSettings {
  /** The most spans that wait. */
  readonly queueSpans: number
  /** About how many spans are sent at once. */
  readonly batchSpans: number
  /** How long spans are gathered before they are sent, ms. */
  readonly delayMs: number
  /** How long sending may take, ms. */
  readonly timeoutMs: number
}

/**
 * Reports whether traces are to be sent: where an endpoint is set, in the file or by the standard variables, and the variables do not
 * say otherwise.
 */
export function isTracing({ endpoint }: TracingSettings, env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false
  return Boolean(endpoint || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'])
}

/** Returns the URL to which spans are sent if the file has an endpoint; undefined: the standard variables have it. */
export function tracesUrl({ endpoint }: TracingSettings): string | undefined {
  return endpoint === undefined ? undefined : `${endpoint.replace(/\/+$/, '')}/v1/traces`
}

/** Reads the standard variables of a batch span processor. What is not a positive number has no effect. */
export function sendingSettings(env: Environment): SendingSettings {
  const number = (name: string, fallback: number): number => {
    const given = Number(env[name])
    return Number.isSafeInteger(given) && given > 0 ? given : fallback
  }
  const queueSpans = number('OTEL_BSP_MAX_QUEUE_SIZE', 8_192)
  return {
    queueSpans,
    batchSpans: Math.min(queueSpans, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    delayMs: number('OTEL_BSP_SCHEDULE_DELAY', 5_000),
    timeoutMs: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
  }
}

/** Which share of the rotations that succeed is sent. */
export interface Sampling {
  /** From 0 to 1. */
  readonly ratio: number
  /** What is wrong with the variables, one line. */
  readonly problem?: string
}

/** Returns the share that the file or the standard variables ask for: everything by default. Rotations have no parents. */
export function samplingOf({ sampleRatio }: TracingSettings, env: Environment): Sampling {
  if (sampleRatio !== undefined) return { ratio: sampleRatio }
  const sampler = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  switch (sampler.replace(/^parentbased_/, '')) {
    case 'always_on':
      return { ratio: 1 }
    case 'always_off':
      return { ratio: 0 }
    case 'traceidratio':
      return ratioOf(env['OTEL_TRACES_SAMPLER_ARG'])
    default:
      return {
        ratio: 1,
        problem: `OTEL_TRACES_SAMPLER: no sampler is called ${JSON.stringify(sampler)}; everything is sent`,
      }
  }
}

function ratioOf(given: string | undefined): Sampling {
  if (given === undefined || given === '') return { ratio: 1 }
  const ratio = Number(given)
  if (ratio >= 0 && ratio <= 1) return { ratio }
  const problem = `OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1 (got ${JSON.stringify(given)}); everything is sent`
  return { ratio: 1, problem }
}
