import { issuerOf, labelsOf, type Svid } from './svid.ts'
import type { SvidCopy } from './svidCopy.ts'
import type { SvidLabels } from './view.ts'

/** The labels of a file from which no SVID has been read yet. */
export const unreadLabels: SvidLabels = {
  spiffe_id: '',
  trust_domain: '',
  namespace: '',
  pod: '',
  volume: '',
  node: '',
  issuer: '',
  file: '',
  copy: 'mounted',
}

/** Returns the labels of the served copy of an SVID. */
export const servedLabels = ({ place, issued }: Svid, copy: SvidCopy): SvidLabels =>
  labelsOf(copy, place, issuerOf(issued), 'served')

/** Returns the labels of an SVID that has no copy. */
export const labelsWithoutCopy = ({ place, issued }: Svid): SvidLabels => ({
  ...unreadLabels,
  ...place,
  issuer: issuerOf(issued),
})
