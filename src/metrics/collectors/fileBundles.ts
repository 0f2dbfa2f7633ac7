import type { fileBundleMetrics } from '../catalogue/fileBundles.ts'
import { labelText } from '../labelText.ts'
import type { Collectors } from '../snapshot.ts'

export const fileBundleCollectors: Collectors<typeof fileBundleMetrics> = {
  spiffe_file_bundle_not_after_timestamp_seconds(samples, snapshot) {
    for (const { file, notAfterMs } of snapshot.surveyed().fileBundles)
      if (notAfterMs !== undefined) samples.add(labelText(['file'], [file]), notAfterMs / 1000)
  },
  spiffe_file_bundle_unreadable(samples, snapshot) {
    for (const { file, problem } of snapshot.surveyed().fileBundles)
      if (problem !== undefined) samples.add(labelText(['file', 'reason'], [file, problem]), 1)
  },
}
