import * as z from 'zod'

/** What the reference page says of one setting; its name and place are where it stands in the schema. */
export interface Documentation {
  readonly help: string
  /** What holds where it is not given: a value as one would write it, or words where no one value stands for it. */
  readonly default: { readonly value: unknown } | { readonly words: string }
  /** A value as one would write it in the file; undefined: it excludes another setting, and cannot be in one example with it. */
  readonly example: unknown
}

export const documentation = z.registry<Documentation>()
export const sectionHelp = z.registry<{ readonly help: string }>()

/** A setting with a default, which is read like a value that is given. */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  about: { readonly help: string; readonly default: z.input<Schema>; readonly example: z.input<Schema> },
) {
  const documented = schema.prefault(about.default)
  documentation.add(documented, { help: about.help, default: { value: about.default }, example: about.example })
  return documented
}

/** A setting that must be given. */
export function neededSetting<Schema extends z.ZodType>(
  schema: Schema,
  { help, example }: { readonly help: string; readonly example: z.input<Schema> },
) {
  const documented = schema.nonoptional()
  documentation.add(documented, { help, default: { words: 'none: it must be given' }, example })
  return documented
}

/** A setting that may stay open: `unset` says what happens then. */
export function openSetting<Schema extends z.ZodType>(
  schema: Schema,
  about: { readonly help: string; readonly unset: string; readonly example: z.input<Schema> | undefined },
) {
  const documented = schema.optional()
  documentation.add(documented, { help: about.help, default: { words: about.unset }, example: about.example })
  return documented
}

/** Settings under a common name, none of which must be given. `empty` is the section with nothing in it. */
export function section<Schema extends z.ZodType>(help: string, schema: Schema, empty: z.input<Schema>) {
  const documented = schema.prefault(empty)
  sectionHelp.add(documented, { help })
  return documented
}
