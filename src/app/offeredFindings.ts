import type { AppOptions } from './options.ts'
import type { FindingsView } from '../ledger/view.ts'
import { TokenVerifier } from '../nodeStream/tokens.ts'
import { FindingsTally } from '../server/findingsTally.ts'
import type { FindingsOffer } from '../server/options.ts'

type Options = Pick<AppOptions, 'config' | 'roles' | 'clock' | 'files' | 'log' | 'nodeName'>

/** Returns what the findings route of a node role needs, or undefined if the findings are not offered. */
export function offeredFindings(options: Options, view: FindingsView): FindingsOffer | undefined {
  const { config, roles, clock, files, log } = options
  if (!roles.includes('node')) return undefined
  const { publicKeys, nodeName = options.nodeName } = config.nodeFindings
  if (publicKeys === undefined) {
    // A cluster role in the same process shares the ledger and needs no stream.
    if (!roles.includes('cluster'))
      log.warn(
        { event: 'findings_not_offered' },
        'the findings of this node are not offered: set nodeFindings.publicKeys so that the cluster role can follow them',
      )
    return undefined
  }
  if (nodeName === undefined) throw new Error('the node role needs the name of its node')
  return { view, verifier: new TokenVerifier(publicKeys, clock, nodeName, files), tally: new FindingsTally() }
}
