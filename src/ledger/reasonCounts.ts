/** Counts by reason that begin at zero, every reason there. */
export const zeros = <Reason extends string>(reasons: Readonly<Record<Reason, string>>): Map<Reason, number> =>
  new Map((Object.keys(reasons) as Reason[]).map((reason) => [reason, 0]))
