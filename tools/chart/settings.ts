/** The types of the roles' settings, from the settings' own declaration. */
import * as z from 'zod'
import { documentation, sectionHelp } from '../../src/config/documentation.ts'
import { schema } from '../../src/config/schema.ts'
import { valueRules } from '../../src/config/settingTypes.ts'
import type { JsonSchema, ValueType } from './value.ts'

/** The sections that have a meaning for each role. Helm refuses, with a message of its own, those that other values set. */
const sections = {
  cluster: [
    'agents',
    'bundleEndpoints',
    'checkpoint',
    'coverage',
    'drivers',
    'kubernetes',
    'limits',
    'log',
    'nodeFindings',
    'readiness',
    'servedSvids',
    'server',
    'tracing',
    'trustBundles',
  ],
  node: ['drivers', 'limits', 'log', 'mountedSvids', 'nodeFindings', 'readiness', 'server'],
} as const

/** Returns the type of a role's settings. */
export function settingsOf(role: keyof typeof sections): ValueType {
  const { properties = {} } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', override: complete })
  const known = sections[role].map((name) => [name, properties[name]] as const)
  return {
    rule: `settings of the ${role} role`,
    schema: { type: 'object', properties: Object.fromEntries(known), additionalProperties: false },
  }
}

/** Adds what zod does not know of a setting, and takes out what is not for the chart. */
function complete({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: JsonSchema }): void {
  // Helm names the wrong path in its messages about propertyNames.
  for (const keyword of ['default', 'propertyNames']) Reflect.deleteProperty(jsonSchema, keyword)
  if (!(zodSchema instanceof z.ZodType)) return
  const help = documentation.get(zodSchema)?.help ?? sectionHelp.get(zodSchema)?.help
  Object.assign(jsonSchema, valueRules.get(zodSchema)?.keywords, help === undefined ? {} : { description: help })
}
