/** The size of a run. */
export interface Size {
  /** The copies of SVIDs that svidwatch knows. */
  readonly copies: number
  /** How long the attacks last in all. */
  readonly seconds: number
}

/** Returns the size that the environment says, and otherwise the default. */
export function sizeFromEnvironment(defaults: Size): Size {
  const setting = (name: string, otherwise: number) => Number(process.env[`SVIDWATCH_TEST_${name}`] ?? otherwise)
  return { copies: setting('COPIES', defaults.copies), seconds: setting('SECONDS', defaults.seconds) }
}
