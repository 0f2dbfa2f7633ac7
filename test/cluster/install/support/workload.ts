import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyObjects } from '../../support/access.ts'
import { kubectl } from '../../support/shell.ts'

/** A program that runs until it is stopped. */
const { SVIDWATCH_TEST_IMAGE: image = '' } = process.env

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image,
        imagePullPolicy: 'IfNotPresent',
        volumeMounts: [{ name: 'spiffe', mountPath: '/spiffe' }],
      },
    ],
    volumes: [{ name: 'spiffe', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } }],
  },
})

/** Creates a pod with an SVID in each of the namespaces, which are created too. Returns once all pods are Ready. */
export async function startWorkloads(namespaces: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-workloads-'))
  await applyObjects(
    folder,
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...namespaces.map((namespace) => pod(namespace, 'web')),
  )
  for (const namespace of namespaces)
    await kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod/web', '--timeout=120s')
  await rm(folder, { recursive: true })
}

export async function deleteNamespaces(namespaces: readonly string[]): Promise<void> {
  await kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=120s')
}
