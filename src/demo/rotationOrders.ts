/** The orders in which the demo rotates the CA of its issuer. */
export const rotationOrders = ['early', 'orderly'] as const

/**
 * - `early`: the new CA signs before anyone trusts it; later it is distributed, and all is well again.
 * - `orderly`: the new CA is distributed, signs, and is alone in the end, which nobody notices.
 */
export type RotationOrder = (typeof rotationOrders)[number]

/** How long after the start of the demo the first step of a rotation is taken, ms. */
export const rotationAfterMs = 120_000
