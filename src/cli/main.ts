#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { ruleFormats } from '../../alerts/ruleFormats.ts'
import { durationMs } from '../config/duration.ts'
import { parseRoles } from '../config/roles.ts'
import type { Role } from '../role.ts'
import { systemClock } from '../clock.ts'
import { rotationOrders, type RotationOrder } from '../demo/rotationOrders.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import type { DashboardsOptions } from './dashboards.ts'
import type { RulesOptions } from './rules.ts'
import { endProcess, endWhateverHangs } from './endProcess.ts'
import { stopSignal } from './stopSignal.ts'
import { sizeThreadPool } from './threadPool.ts'

sizeThreadPool()
endWhateverHangs()

const { version } = packageJson

const port = (text: string): number => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('must be a port from 0 to 65535')
  return number
}

const duration = (text: string): number => {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('must be a duration, such as 30s, 2m or 1h')
  return ms
}

const collector = (text: string): string => {
  if (!/^https?:\/\/[^/?#]/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('must be the URL of a collector, such as http://localhost:4318')
  return text
}

const roles = (text: string): readonly Role[] => {
  const parsed = parseRoles(text)
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem)
  return parsed.roles
}

const program = new Command('svidwatch')
  .description('Watches SPIFFE X.509-SVIDs from issuance to expiry and exports Prometheus metrics.')
  .version(version)
  .showHelpAfterError('(run svidwatch --help for the options)')

program
  .command('serve')
  .description('watch SVIDs and serve /metrics, the API and the probes')
  .option('--role <roles>', 'cluster, node, cluster,node or standalone', roles)
  .option('--config <file>', 'the configuration file in YAML; the default is no file (docs/configuration.md)')
  .action(async (options: { role?: readonly Role[]; config?: string }) => {
    // Before everything else: the first process of a container ignores signals that it does not handle.
    const stopping = stopSignal()
    const { serve } = await import('./serve.ts')
    await serve({ ...options, version, stopping })
  })

program
  .command('demo')
  .description('watch an embedded world in this process: a Kubernetes API, an issuer and a dozen pods')
  .option('--port <number>', 'the port of /metrics and the API', port, 9797)
  .option('--probe-port <number>', 'the port of /healthz and /readyz', port, 9798)
  .option(
    '--issuer-down-after <duration>',
    'simulate an outage: the issuer loses its key this long after the start',
    duration,
  )
  .addOption(
    new Option(
      '--rotate-ca <order>',
      'rotate the CA of the issuer 2 minutes after the start: early, so that it signs before anyone trusts it, or orderly',
    ).choices(rotationOrders),
  )
  .option('--otlp <url>', 'send traces to this collector (OTLP over HTTP), such as http://localhost:4318', collector)
  .action(async ({ issuerDownAfter, rotateCa, ...options }: DemoCommandOptions) => {
    const { runDemo } = await import('./demo.ts')
    await runDemo({ ...options, issuerDownAfterMs: issuerDownAfter, rotation: rotateCa, version })
    // Ends whatever still runs, such as an attempt to reach a collector of traces.
    await endProcess(systemClock, 0)
  })

interface DemoCommandOptions {
  readonly port: number
  readonly probePort: number
  readonly issuerDownAfter?: number
  readonly rotateCa?: RotationOrder
  readonly otlp?: string
}

const labelOptions = (command: Command): Command =>
  command
    .option(
      '--exported-labels [labels]',
      'the labels that Prometheus renames to exported_..., of namespace, pod and node; without a list: namespace,pod',
    )
    .option('--cluster-label <name>', 'the label that tells clusters apart in Prometheus', 'cluster')

labelOptions(program.command('rules'))
  .description('print the alert rules for the labels as your Prometheus names them')
  .addOption(new Option('--format <format>', 'what loads the rules').choices(ruleFormats).default('file'))
  .action(async (options: RulesOptions) => {
    const { printRules } = await import('./rules.ts')
    printRules(options)
  })

labelOptions(program.command('dashboards'))
  .description('write the dashboards of Grafana for the labels as your Prometheus names them')
  .requiredOption('--out <folder>', 'an existing folder for the JSON files')
  .action(async (options: DashboardsOptions) => {
    const { writeDashboards } = await import('./dashboards.ts')
    await writeDashboards(options)
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof SvidwatchError)) throw error
  process.stderr.write(`svidwatch: ${messageOf(error)}\n`)
  await endProcess(systemClock, 1)
}
