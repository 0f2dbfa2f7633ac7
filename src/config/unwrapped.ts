import * as z from 'zod'

/** The schema of the value itself, without what says whether it may be absent. */
export function unwrapped(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNonOptional
  return isWrapper ? unwrapped(schema.unwrap()) : schema
}
