/** The roles of a svidwatch process. A role is a set of sources. */
export const roleNames = ['cluster', 'node', 'standalone'] as const
export type Role = (typeof roleNames)[number]
