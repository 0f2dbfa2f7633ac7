import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { heard } from '../bench/childProcess.ts'

/** How the API server lets svidwatch list: as a stream, or in pages as before Kubernetes 1.32. */
export type Listing = 'stream' | 'pages'

export interface LargeObjectsAttack {
  readonly listing: Listing
  /** How long each watch lasts before svidwatch has to list again. */
  readonly listEveryMs: number
}

/** What the process of the cluster is told, and what it tells. */
export type ToCluster = LargeObjectsAttack | { readonly end: true }
export type FromCluster = { readonly kubeconfig: string } | { readonly lists: number }

/** A cluster with many workloads, in a process of its own (clusterProcess.ts). */
export interface Cluster {
  readonly kubeconfig: string
  /** Lets a tenant create large objects, and makes svidwatch list everything again and again. */
  beginLargeObjects(attack: LargeObjectsAttack): void
  /** Deletes the large objects, and resolves with how many lists of them there were. */
  endLargeObjects(): Promise<number>
  close(): Promise<void>
}

export async function startCluster(copies: number): Promise<Cluster> {
  const execArgv = ['--max-old-space-size=4096']
  const child = fork(join(import.meta.dirname, 'clusterProcess.ts'), [String(copies)], { execArgv })
  const exited = once(child, 'exit')
  const tell = (message: ToCluster) => child.send(message)
  const { kubeconfig } = await heard<{ kubeconfig: string }>(child)
  return {
    kubeconfig,
    beginLargeObjects: tell,
    endLargeObjects: async () => {
      const answer = heard<{ lists: number }>(child)
      tell({ end: true })
      return (await answer).lists
    },
    close: async () => {
      child.disconnect()
      await exited
    },
  }
}
