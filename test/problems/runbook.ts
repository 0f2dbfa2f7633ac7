import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../docs/runbooks')

/**
 * Returns the first command with which the runbook of an alert confirms it, without the ones that set variables and open the port,
 * with the values of its variables.
 */
export function confirmingCommand(alert: string, variables: Readonly<Record<string, string>>): string {
  const [, confirm = ''] = readFileSync(join(folder, `${alert}.md`), 'utf8').split('\n## Confirm\n')
  const command = confirm
    .split('\n')
    .find((line) => line !== '' && !/^(```|#|[A-Z]+=|kubectl .* port-forward )/.test(line))
  if (command === undefined) throw new Error(`the runbook of ${alert} confirms nothing`)
  return command.replaceAll(/\$([A-Z]+)\b/g, (reference, name: string) => variables[name] ?? reference)
}
