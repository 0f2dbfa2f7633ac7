import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { template } from './support/helm.ts'
import { chart } from './support/render.ts'

const folder = join(chart, 'examples')
const names = readdirSync(folder)
const rendered = (name: string) => template(chart, join(folder, `${name}.yaml`))

describe('the examples of values', () => {
  it.each(names)('%s is accepted, and says for whom it is and whether it was tried', async (name) => {
    const { manifests, messages } = await template(chart, join(folder, name))
    expect(messages).toBe('')
    expect(manifests).toContain('kind: Deployment')
    expect(readFileSync(join(folder, name), 'utf8')).toMatch(/^# For .*?\n# Tried: .*?\n[^#]/s)
  })

  it('are at least ten', () => {
    expect(names.length).toBeGreaterThanOrEqual(10)
  })

  it('for a tenant need no right in the cluster', async () => {
    expect((await rendered('namespaced-tenant')).manifests).not.toMatch(/kind: (ClusterRole|Namespace|DaemonSet)/)
  })

  it('for OpenShift ask for no uid in the cluster role, and for the rules with exported labels', async () => {
    const { manifests } = await rendered('openshift')
    expect(manifests).not.toContain('65532')
    expect(manifests).toMatch(/type: spc_t/)
    expect(manifests).toContain('exported_namespace')
  })

  it('for a collector let the cluster role reach it, and read the headers for it', async () => {
    const { manifests } = await rendered('opentelemetry-collector')
    expect(manifests).toContain('headersFile: /etc/svidwatch/otlp/headers')
    expect(manifests).toContain('--allow-fs-read=/etc/svidwatch/otlp/')
    expect(manifests).toMatch(/collector of traces.*\n.*kubernetes.io\/metadata.name: "opentelemetry" .*\n.*port: 4318/)
  })

  it('with narrow probes let the cluster role reach what they name, and read its client certificate', async () => {
    const { manifests } = await rendered('narrow-probes')
    expect(manifests).toContain('clientKey: /etc/svidwatch/client/tls.key')
    expect(manifests).toContain('--allow-fs-read=/etc/svidwatch/client/')
    expect(manifests).toMatch(/example.com\/serves-svid: "true"\n *ports:\n *- port: 8443\n/)
    expect(manifests).toMatch(/A server whose certificate is read by name, at any address.*\n.*port: 9443/)
  })

  it('without probes let the cluster role reach no pods but those of the node role', async () => {
    const { manifests } = await rendered('no-probes')
    expect(manifests).toMatch(/servedSvids:\n *pods: false/)
    expect(manifests).not.toContain('The pods that serve SVIDs')
  })

  it('with existing keys give no right to read Secrets', async () => {
    expect((await rendered('gitops-existing-keys')).manifests).not.toMatch(/resources: .*secrets/)
  })

  it('without cert-manager give no right to read CertificateRequests', async () => {
    expect((await rendered('no-cert-manager')).manifests).not.toContain('certificaterequests')
  })
})
