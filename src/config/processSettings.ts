import * as z from 'zod'
import { optionalSetting, section, setting } from './documentation.ts'
import * as types from './settingTypes.ts'

export const roles = setting(types.roles, {
  help: 'What this process watches, unless `--role` on the command line says otherwise. `cluster` watches the API server, `node` the volumes on its node, `standalone` needs no cluster. `cluster` and `standalone` also watch what this configuration names for them.',
  default: [],
  example: ['cluster'],
})

export const server = section(
  'The addresses that svidwatch listens on.',
  z
    .strictObject(
      {
        address: optionalSetting(types.ipAddress, {
          help: 'The address to listen on: `::` means every address of the machine, `0.0.0.0` every IPv4 address, `127.0.0.1` or `::1` that only this machine reaches it.',
          unset: 'in a pod: every address, IPv4 and IPv6. Elsewhere: `127.0.0.1` and `::1`',
          example: '127.0.0.1',
        }),
        port: setting(types.port, {
          help: 'The port of `/metrics` and of the API.',
          default: 9797,
          example: 19797,
        }),
        probePort: setting(types.port, {
          help: 'The port of `/healthz` and `/readyz`.',
          default: 9798,
          example: 19798,
        }),
      },
      types.mustBeMapping,
    )
    .refine(
      ({ port, probePort }) => port === 0 || port !== probePort,
      'must have different values for port and probePort',
    ),
  {},
)

export const limits = section(
  'Bounds on the number of exported series.',
  z.strictObject(
    {
      series: setting(types.positiveInteger, {
        help: 'The maximum number of per-SVID series on `/metrics`. SVIDs beyond it appear in the aggregates only, and `svidwatch_series_dropped` counts them.',
        default: 200_000,
        example: 100_000,
      }),
      issuers: setting(types.positiveInteger, {
        help: 'The maximum number of issuers that counters tell apart. An issuer counts once for each trust domain that it issues for. The places are divided between the namespaces that use issuers, so that no namespace can take those of others, and `svidwatch_without_place` counts the issuers that have none. The stored totals have room for 160 to 330, the fewer the longer the names are.',
        default: 256,
        example: 32,
      }),
    },
    types.mustBeMapping,
  ),
  {},
)

export const checkpoint = section(
  'Where the totals of counters and histograms are committed, before they are exported, so that they survive a restart.',
  z
    .strictObject(
      {
        configMap: optionalSetting(types.namespacedName, {
          help: 'The ConfigMap that keeps the totals and everything else that must survive a restart. Each svidwatch needs its own.',
          unset:
            "in a cluster `svidwatch-state` in the pod's own namespace, elsewhere none: the totals start from zero with each start of svidwatch",
          example: 'monitoring/svidwatch-state',
        }),
        file: optionalSetting(types.pathOfNoKey, {
          help: 'The file that keeps the same state instead of a ConfigMap, for the standalone role. svidwatch replaces the whole file, so its folder must be writable, and no other process may use it.',
          unset: 'none',
          example: undefined,
        }),
        interval: setting(types.duration('1s', '10m'), {
          help: 'The time between two commits while there is something new to commit.',
          default: '5s',
          example: '10s',
        }),
      },
      types.mustBeMapping,
    )
    .refine(
      ({ configMap, file }) => configMap === undefined || file === undefined,
      'must have configMap or file, not both',
    ),
  {},
)

export const readiness = section(
  'When svidwatch reports that it is ready.',
  z.strictObject(
    {
      deadline: setting(types.duration('1s', '10m'), {
        help: 'How long after the start `/readyz` waits at most until the first attempt of each source has ended.',
        default: '30s',
        example: '1m',
      }),
    },
    types.mustBeMapping,
  ),
  {},
)

export const log = section(
  "svidwatch's own log.",
  z.strictObject(
    {
      level: setting(types.oneOf(['debug', 'info', 'warn', 'error']), {
        help: 'The lowest level of the lines that are written.',
        default: 'info',
        example: 'debug',
      }),
      format: optionalSetting(types.oneOf(['json', 'pretty']), {
        help: '`json` writes JSON lines to standard output, `pretty` writes human-readable lines to standard error.',
        unset: '`pretty` in a terminal, else `json`',
        example: 'json',
      }),
      issuedLevel: setting(types.oneOf(['debug', 'info']), {
        help: 'The level of the lines about issued SVIDs, one for each request. Those about denials and failures are warnings.',
        default: 'info',
        example: 'debug',
      }),
      issuedPerSecond: setting(types.positiveInteger, {
        help: 'How many lines about issued SVIDs are written in a second at most. Another line says how many were left out. Denials and failures are never left out.',
        default: 10,
        example: 100,
      }),
    },
    types.mustBeMapping,
  ),
  {},
)
