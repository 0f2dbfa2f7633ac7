/**
 * An embedded API server and the load on it, in a process of its own: `embeddedProcess.ts OPTIONS`, which are the
 * LifecyclesOptions as JSON. It speaks the messages of embeddedWorld.ts.
 */
import { systemClock as clock } from '../../src/clock.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import type { FromEmbedded, ToEmbedded } from './embeddedWorld.ts'
import { Lifecycles, type LifecyclesOptions } from './lifecycles.ts'
import { storeWriter } from './writers.ts'

/** Some minutes of history at the rates of these tests, as with etcd's compaction every 5 minutes. */
const changesKept = 400_000

const options = JSON.parse(process.argv[2] ?? '') as LifecyclesOptions
const store = createStore(clock, changesKept)
const api = await startApiServer({ clock, store })
const lifecycles = await Lifecycles.create(options, clock, storeWriter(store))
const tell = (message: FromEmbedded) => process.send?.(message)

process.on('message', (message: ToEmbedded) => {
  if ('allow' in message) lifecycles.allow(message.allow)
  else if ('keep' in message) lifecycles.keep(message.keep)
  else if ('forget' in message) store.compact()
  else {
    const { begun, counts } = lifecycles.progress
    tell({ question: message.question, progress: { begun, counts: [...counts] } })
  }
})
process.on('disconnect', () => process.exit())
tell({ kubeconfig: api.kubeconfig })
await lifecycles.run()
tell({ ended: true })
