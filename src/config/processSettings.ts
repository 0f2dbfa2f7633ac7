import * as z from 'zod'
import { openSetting, section, setting } from './documentation.ts'
import * as values from './settingTypes.ts'

export const roles = setting(values.roles, {
  help: 'What this process does, where `--role` on the command line does not say it. `cluster` watches the API server, `node` the volumes on its node, `standalone` the `files` and `bundleEndpoints`.',
  default: [],
  example: ['cluster'],
})

export const server = section(
  'Where svidwatch answers.',
  z
    .strictObject(
      {
        address: setting(values.ipAddress, {
          help: 'The address to listen on: `0.0.0.0` is every IPv4 address of the machine, `::` every address.',
          default: '0.0.0.0',
          example: '127.0.0.1',
        }),
        port: setting(values.port, {
          help: 'The port of `/metrics` and of the API.',
          default: 9797,
          example: 19797,
        }),
        probePort: setting(values.port, {
          help: 'The port of `/healthz` and `/readyz`.',
          default: 9798,
          example: 19798,
        }),
      },
      values.mapping,
    )
    .refine(({ port, probePort }) => port === 0 || port !== probePort, 'must have another probePort than port'),
  {},
)

export const limits = section(
  'Bounds on what is exported.',
  z.strictObject(
    {
      series: setting(values.positiveInteger, {
        help: 'How many series of single SVIDs `/metrics` has at most. What is beyond is in the aggregates only, and `svidwatch_series_dropped` says so.',
        default: 200_000,
        example: 100_000,
      }),
      issuers: setting(values.positiveInteger, {
        help: 'How many issuers are told apart at most in what is counted by issuer: one for each trust domain that it issues for.',
        default: 256,
        example: 32,
      }),
    },
    values.mapping,
  ),
  {},
)

export const checkpoint = section(
  'Where the totals of counters and histograms are committed, before they are shown, to survive a restart.',
  z
    .strictObject(
      {
        configMap: openSetting(values.namespacedName, {
          help: 'The ConfigMap for the totals, and for whatever else must outlive a restart.',
          unset:
            "in a cluster `svidwatch-state` in the pod's own namespace, elsewhere none: the totals begin anew with each start",
          example: 'monitoring/svidwatch-state',
        }),
        file: openSetting(values.pathOfNoKey, {
          help: 'The file for them where no ConfigMap is to hold them, as in the standalone role. It is replaced as a whole, so its folder must be writable, and no other process may use it.',
          unset: 'none',
          example: undefined,
        }),
        interval: setting(values.duration('1s', '10m'), {
          help: 'The time from one commit to the next, while there is something new.',
          default: '5s',
          example: '10s',
        }),
      },
      values.mapping,
    )
    .refine(
      ({ configMap, file }) => configMap === undefined || file === undefined,
      'must have configMap or file, not both',
    ),
  {},
)

export const readiness = section(
  'When svidwatch says that it is ready.',
  z.strictObject(
    {
      deadline: setting(values.duration('1s', '10m'), {
        help: 'How long after the start `/readyz` waits at most for the first attempt of each source to conclude.',
        default: '30s',
        example: '1m',
      }),
    },
    values.mapping,
  ),
  {},
)

export const log = section(
  'What svidwatch writes of its own work.',
  z.strictObject(
    {
      level: setting(values.oneOf(['debug', 'info', 'warn', 'error']), {
        help: 'The least important lines that are written.',
        default: 'info',
        example: 'debug',
      }),
      format: openSetting(values.oneOf(['json', 'pretty']), {
        help: 'Lines of JSON on standard output, or lines for people on standard error.',
        unset: '`pretty` in a terminal, else `json`',
        example: 'json',
      }),
    },
    values.mapping,
  ),
  {},
)
