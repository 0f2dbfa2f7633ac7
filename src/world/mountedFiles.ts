import type { Svid } from './issuance.ts'

/** The SVID and the trust bundle (PEM) beside it. */
export interface MountedFiles extends Svid {
  readonly bundlePem: string
}
