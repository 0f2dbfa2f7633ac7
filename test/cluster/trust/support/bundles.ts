import { kubectl } from '../../support/shell.ts'

/** The Bundle, and the ConfigMaps that trust-manager makes of it. */
export const bundleName = 'spiffe-ca'

/** The namespace of the drivers, whose ConfigMap is their source bundle. */
export const driverNamespace = 'cert-manager'

interface ConfigMaps {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string }
    readonly data?: Readonly<Record<string, string>>
  }[]
}

/** Returns the certificates (PEM) in the ConfigMap of each namespace. */
export async function copies(): Promise<ReadonlyMap<string, string>> {
  const selector = `metadata.name=${bundleName}`
  const list = JSON.parse(
    await kubectl('get', 'configmaps', '-A', '--field-selector', selector, '-o', 'json'),
  ) as ConfigMaps
  return new Map(list.items.map(({ metadata, data = {} }) => [metadata.namespace, data['ca.crt'] ?? ''] as const))
}

/** Edits the ConfigMap of a namespace by hand. trust-manager undoes that unless it is stopped. */
export async function editCopy(namespace: string, pem: string): Promise<void> {
  const patch = JSON.stringify({ data: { 'ca.crt': pem } })
  await kubectl('-n', namespace, 'patch', 'configmap', bundleName, '--type=merge', '-p', patch)
}

/** Returns the certificate (PEM) of the CA that has signed the newest SVID of a namespace. */
export async function signingCa(namespace: string): Promise<string> {
  const newest = ['--sort-by=.metadata.creationTimestamp', '-o', 'jsonpath={.items[-1:].status.ca}']
  return Buffer.from(await kubectl('-n', namespace, 'get', 'certificaterequests', ...newest), 'base64').toString()
}
