import * as z from 'zod'

/** The schema of the value itself, without what says that it may be absent. */
export function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema
}
