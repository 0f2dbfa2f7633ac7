#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { durationMs } from '../config/duration.ts'
import { parseRoles } from '../config/roles.ts'
import type { Role } from '../role.ts'
import { messageOf, SvidwatchError } from '../errors.ts'

const { version } = packageJson

const port = (text: string): number => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('must be a port, 0 to 65535')
  return number
}

const duration = (text: string): number => {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('must be a duration, such as 30s, 2m or 1h')
  return ms
}

const roles = (text: string): readonly Role[] => {
  const parsed = parseRoles(text)
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem)
  return parsed.roles
}

const program = new Command('svidwatch')
  .description('Watches SPIFFE X.509 identities through their life and exports what the runbook names.')
  .version(version)
  .showHelpAfterError('(svidwatch --help tells more)')

program
  .command('serve')
  .description('watch, and serve /metrics, the API and probes')
  .option('--role <roles>', 'cluster, node, both as cluster,node, or standalone', roles)
  .option('--config <file>', 'settings in YAML; without it, all defaults (docs/configuration.md)')
  .action(async (options: { role?: readonly Role[]; config?: string }) => {
    const { serve } = await import('./serve.ts')
    await serve({ ...options, version })
  })

program
  .command('demo')
  .description('watch an embedded world: a Kubernetes API, an issuer and a dozen pods, in this process')
  .option('--port <number>', 'port of /metrics and the API', port, 9797)
  .option('--probe-port <number>', 'port of /healthz and /readyz', port, 9798)
  .option('--issuer-down-after <duration>', 'an outage: how long after the start the issuer loses its key', duration)
  .action(async ({ issuerDownAfter, ...ports }: { port: number; probePort: number; issuerDownAfter?: number }) => {
    const { runDemo } = await import('./demo.ts')
    await runDemo({ ...ports, issuerDownAfterMs: issuerDownAfter, version })
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof SvidwatchError)) throw error
  process.stderr.write(`svidwatch: ${messageOf(error)}\n`)
  process.exitCode = 1
}
