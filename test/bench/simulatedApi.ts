import { heard, startChild } from './childProcess.ts'
import type { Renewing, Written } from './renewals.ts'

/** An API server in a process of its own (apiServer.ts). */
export interface SimulatedApi {
  readonly kubeconfig: string
  /** Renews workloads, and says when each event was written. */
  renew(wanted: Renewing): Promise<readonly Written[]>
  /** Forgets all history and cuts every connection: whoever watches has to list again. */
  forget(): void
  close(): void
}

/** Resolves when it has `workloads` workloads; without `pods`, their CertificateRequests alone. */
export async function startSimulatedApi(workloads: number, { pods = true } = {}): Promise<SimulatedApi> {
  const server = startChild('apiServer.ts', [workloads, ...(pods ? [] : ['podless'])], ['--max-old-space-size=8192'])
  const { kubeconfig } = await heard<{ kubeconfig: string }>(server)
  return {
    kubeconfig,
    renew: async (wanted) => {
      server.send(wanted)
      return (await heard<{ written: readonly Written[] }>(server)).written
    },
    forget: () => server.send('forget'),
    close: () => server.disconnect(),
  }
}
