import type { Figure } from '../figure.ts'
import { probe } from '../probe.ts'
import type { Informed } from '../probes/informer.ts'
import type { Retained } from '../retained.ts'
import type { Task } from './measurement.ts'

/** A kilobyte for each. */
const goalBytes = 800

/** What is retained of each CertificateRequest, alone and with the pod that owns it. */
export async function measureMemory({ size, api, profileInto }: Task): Promise<readonly Figure[]> {
  const { kubeconfig } = await api()
  const retained = async (name: string, sources: string, goals: Pick<Figure, 'goal'>): Promise<Figure> => {
    const { result: ours } = await probe<Retained>('retained.ts', [kubeconfig, sources], profileInto)
    const { result: anchor } = await probe<Informed>('informer.ts', [kubeconfig, sources])
    const informer = { name: 'client-node', measured: anchor.bytes / size }
    return { name, unit: 'bytes', of: 'each', measured: ours.bytes / size, anchor: informer, ...goals }
  }
  return [
    await retained('retained for each CertificateRequest', 'certificateRequests', { goal: goalBytes }),
    await retained('the same, with its pod', 'certificateRequests,pods', {}),
  ]
}
