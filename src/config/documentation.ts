import * as z from 'zod'

/** The reference page's text for one setting. The name of the setting is its path in the schema. */
export interface Documentation {
  readonly help: string
  /** The default: a value as it would be written in the file, or a description where no single value expresses it. */
  readonly default: { readonly value: unknown } | { readonly words: string }
  /** A value as it would be written in the file; undefined if the setting excludes another one of the same example. */
  readonly example: unknown
}

export const documentation = z.registry<Documentation>()
export const sectionHelp = z.registry<{ readonly help: string }>()

/** Declares a setting with a default, which is parsed like a given value. */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  about: { readonly help: string; readonly default: z.input<Schema>; readonly example: z.input<Schema> },
) {
  const documented = schema.prefault(about.default)
  documentation.add(documented, { help: about.help, default: { value: about.default }, example: about.example })
  return documented
}

/** Declares a setting that must be given. */
export function requiredSetting<Schema extends z.ZodType>(
  schema: Schema,
  { help, example }: { readonly help: string; readonly example: z.input<Schema> },
) {
  const documented = schema.nonoptional()
  documentation.add(documented, { help, default: { words: 'none; required' }, example })
  return documented
}

/** Declares a setting without a default value. `unset` describes what happens when it is not given. */
export function optionalSetting<Schema extends z.ZodType>(
  schema: Schema,
  about: { readonly help: string; readonly unset: string; readonly example: z.input<Schema> | undefined },
) {
  const documented = schema.optional()
  documentation.add(documented, { help: about.help, default: { words: about.unset }, example: about.example })
  return documented
}

/** Declares a section of settings, which may be absent. `empty` is the value of an absent section. */
export function section<Schema extends z.ZodType>(help: string, schema: Schema, empty: z.input<Schema>) {
  const documented = schema.prefault(empty)
  sectionHelp.add(documented, { help })
  return documented
}

/** Returns the schema of the value itself, without the wrappers that say whether the value may be absent. */
export function unwrapped(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNonOptional
  return isWrapper ? unwrapped(schema.unwrap()) : schema
}
