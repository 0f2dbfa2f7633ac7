import * as z from 'zod'
import { stringify } from 'yaml'
import { documentation, sectionHelp, unwrapped } from '../../src/config/documentation.ts'
import type { Documentation } from '../../src/config/documentation.ts'
import { schema } from '../../src/config/schema.ts'
import { valueRules } from '../../src/config/settingTypes.ts'
import { code, table } from './table.ts'

/** Renders docs/configuration.md: every setting, and an example of all settings that can be combined. */
export function renderConfigurationPage(): string {
  const settings = Object.entries(schema.unwrap().shape)
  const topLevel = settings.filter(([, setting]) => documentation.has(setting))
  const sections = settings.filter(([, setting]) => sectionHelp.has(setting))
  return [
    '# Configuration',
    '<!-- Written by `npm run docs` from src/config; do not edit. -->',
    introduction,
    '## Settings without a section',
    tableOf(topLevel),
    ...sections.flatMap(([name, setting]) => section(name, setting)),
    '## Annotations',
    annotations,
    '## Example',
    'All settings that can be combined, most with a value other than the default. No real file needs all of them.',
    `\`\`\`yaml\n${stringify(example(settings), { singleQuote: true }).trimEnd()}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}

const introduction = `svidwatch needs no configuration file: each setting has a default. \`svidwatch serve --config FILE\` reads a file in YAML 1.2 at
the start. Unknown keys, duplicate keys and invalid values are errors: svidwatch lists all of them, each with its line, and does not
start. Durations are a whole number with a unit: \`500ms\`, \`5s\`, \`2m\`, \`1h\`, \`30d\`.`

const annotations = `Two settings are not in the file. The annotation \`svidwatch.io/page: "never"\` on a pod or a namespace mutes it, for example for a
sandbox or a batch job. The problems of a muted pod, and of every pod in a muted namespace, are still found, shown as muted and
counted, but they page no one. The annotation can be set and removed at any time. Any other value has no effect.
With \`kubernetes.namespaces\`, only the annotation of a pod has one.

\`\`\`shell
kubectl annotate namespace sandbox svidwatch.io/page=never
\`\`\`

For all pods of a Deployment, the annotation belongs in its pod template (\`spec.template.metadata.annotations\`). Problems that are
not about one pod, such as an issuer that is down, still page.

The annotation \`svidwatch.io/probe\` on a pod with an SVID names the ports at which svidwatch reads the SVID that the pod serves, by number
or by the name of a container port: \`8443\`, or \`grpc,9443\`. With \`never\`, the pod is not probed. Without the annotation, the ports
count whose names are in \`servedSvids.portNames\`. [Served SVIDs](served-svids.md) describes the probes.`

type Named = readonly [name: string, schema: unknown]

function section(name: string, setting: z.ZodType): readonly string[] {
  const inner = unwrapped(setting)
  const isList = inner instanceof z.ZodArray
  return [
    `## ${name}`,
    sectionHelp.get(setting)?.help ?? '',
    tableOf(settingsOf(inner), isList ? `${name}[].` : `${name}.`),
  ]
}

function settingsOf(inner: unknown): readonly Named[] {
  if (inner instanceof z.ZodArray) return settingsOf(inner.element)
  return inner instanceof z.ZodObject ? Object.entries(inner.shape) : []
}

function tableOf(settings: readonly Named[], prefix = ''): string {
  const rows = flattened(settings).map(([name, setting]) => {
    const { help, default: unset } = documented(setting)
    const fallback = 'value' in unset ? code(JSON.stringify(unset.value)) : unset.words
    return [code(prefix + name), ruleOf(setting), fallback, help]
  })
  return table(['Setting', 'Value', 'Default', 'Meaning'], rows)
}

/** Returns the settings with those of sections within them. */
function flattened(settings: readonly Named[]): readonly Named[] {
  return settings.flatMap(([name, setting]) =>
    setting instanceof z.ZodType && sectionHelp.has(setting)
      ? settingsOf(unwrapped(setting)).map(
          ([inner, schema]) => [`${listName(name, setting)}.${inner}`, schema] as const,
        )
      : [[name, setting] as const],
  )
}

const listName = (name: string, setting: z.ZodType) => (unwrapped(setting) instanceof z.ZodArray ? `${name}[]` : name)

function example(settings: readonly Named[]): Readonly<Record<string, unknown>> {
  const examples = settings.map(([name, setting]) => [name, exampleOf(setting)] as const)
  return Object.fromEntries(examples.filter(([, value]) => value !== undefined))
}

function exampleOf(setting: unknown): unknown {
  const inner = unwrapped(setting)
  if (!(setting instanceof z.ZodType) || documentation.has(setting)) return documented(setting).example
  return inner instanceof z.ZodArray ? [example(settingsOf(inner))] : example(settingsOf(inner))
}

/** A setting without documentation is a bug in the schema. */
function documented(setting: unknown): Documentation {
  const found = setting instanceof z.ZodType ? documentation.get(setting) : undefined
  if (found === undefined)
    throw new Error('a setting has no documentation: declare it with setting, requiredSetting or optionalSetting')
  return found
}

function ruleOf(setting: unknown): string {
  const inner = unwrapped(setting)
  return (inner instanceof z.ZodType ? valueRules.get(inner)?.rule : undefined) ?? ''
}
