/** `retained.ts KUBECONFIG SOURCES`: what svidwatch retains of everything that these sources have listed. */
import { systemClock as clock } from '../../../src/clock.ts'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import { tell } from '../probe.ts'
import { aliveBytes, type Retained } from '../retained.ts'
import { untilListed, watchCluster } from '../watchedCluster.ts'

const [kubeconfig = '', wanted = ''] = process.argv.slice(2)
const sources = sourceNames.filter((name) => wanted.split(',').includes(name))
// The first time loads what is needed, which is no object's fault.
const first = watchCluster({ clock, kubeconfig, sources: ['nodes'] })
await untilListed(first.ledger, clock)
await first.close()

const before = aliveBytes()
const watched = watchCluster({ clock, kubeconfig, sources })
await untilListed(watched.ledger, clock)
tell({ bytes: aliveBytes() - before } satisfies Retained)
await watched.close()
