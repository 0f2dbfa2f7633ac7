import { definitions } from './kubernetesTypes.ts'
import { isSection, type JsonSchema, type Section, type Value, type Values } from './value.ts'

/** Renders values.schema.json, with which Helm checks the values. */
export function renderSchema(values: Values): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart svidwatch',
    ...objectOf({ help: 'Written by `npm run docs` from tools/chart; do not edit.', values }),
    definitions: definitions(),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function objectOf({ help, values, open = false }: Section): JsonSchema {
  const properties = Object.entries(values).map(([name, item]) => [name, schemaOf(item)] as const)
  return {
    type: 'object',
    description: help,
    properties: Object.fromEntries(properties),
    required: Object.keys(values).filter((name) => isNeeded(values[name])),
    additionalProperties: open,
  }
}

function schemaOf(item: Value | Section): JsonSchema {
  if (isSection(item)) return objectOf(item)
  return { description: item.help, default: item.default, examples: [item.example], ...item.type.schema }
}

/** Reports whether templates need an item to be there. `null` in a values file removes it, which empties a mapping or list. */
function isNeeded(item: Value | Section | undefined): boolean {
  return item !== undefined && (isSection(item) || !['object', 'array'].includes(String(item.type.schema.type)))
}
