import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkPolicy } from '../cluster/install/support/networkPolicies.ts'
import { manifestsIn, type Manifest } from './manifests.ts'

const page = join(import.meta.dirname, '../../docs/hardening.md')

/** Returns the NetworkPolicy that docs/hardening.md has for a namespace whose pods are probed. */
export function documentedPolicy(): NetworkPolicy & Manifest {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block)
  const [policy, ...others] = blocks
    .filter((block) => block.includes('kind: NetworkPolicy'))
    .flatMap((block) => manifestsIn(block) as readonly (NetworkPolicy & Manifest)[])
  if (policy === undefined || others.length > 0) throw new Error(`not one NetworkPolicy in ${page}`)
  return policy
}
