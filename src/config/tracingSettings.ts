import * as z from 'zod'
import { optionalSetting, section } from './documentation.ts'
import * as types from './settingTypes.ts'

export const tracing = section(
  'Where traces are sent, by OTLP over HTTP. [Traces](traces.md) describes them, and lists the standard variables, which count where the file is silent. The roles cluster and standalone send traces.',
  z.strictObject(
    {
      endpoint: optionalSetting(types.collectorUrl, {
        help: 'The URL of the collector, without `/v1/traces`.',
        unset: 'the variable `OTEL_EXPORTER_OTLP_ENDPOINT`, else no traces',
        example: 'http://otel-collector.monitoring:4318',
      }),
      headersFile: optionalSetting(types.path, {
        help: 'A file with headers for the collector, such as credentials: `Name: value`, one in each line. A replaced file takes effect at once.',
        unset: 'only the headers of the variable `OTEL_EXPORTER_OTLP_HEADERS`',
        example: '/etc/svidwatch/otlp/headers',
      }),
      sampleRatio: optionalSetting(types.share, {
        help: 'The share of the rotations that succeed whose traces are sent. Those of denials, failures and problems always are.',
        unset: 'the variable `OTEL_TRACES_SAMPLER`, else 1',
        example: 0.1,
      }),
    },
    types.mustBeMapping,
  ),
  {},
)
