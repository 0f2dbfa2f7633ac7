import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spawnProgram, temporaryFolder } from '../../support/spawnedProgram.ts'

/** A kubeconfig of an API server that does not run. */
const noApiServer = JSON.stringify({
  clusters: [{ name: 'none', cluster: { server: 'https://127.0.0.1:1' } }],
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
  users: [{ name: 'none', user: {} }],
  'current-context': 'none',
})

const everywhere = 'metrics at http://127.0.0.1:PORT/metrics; listening on [::]:PORT, for probes on [::]:PORT'
const onlyHere =
  'metrics at http://127.0.0.1:PORT/metrics; listening on 127.0.0.1:PORT and [::1]:PORT, for probes on 127.0.0.1:PORT and [::1]:PORT'

test.each([
  ['node', 'in a pod', { KUBERNETES_SERVICE_HOST: '192.0.2.1' }, everywhere],
  ['standalone', 'in a pod', { KUBERNETES_SERVICE_HOST: '192.0.2.1' }, everywhere],
  ['cluster', 'on a workstation', {}, onlyHere],
  ['standalone', 'on a workstation', {}, onlyHere],
] as const)('the role %s %s says in one line what it listens on', async (role, _, env, places) => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'pods'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, noApiServer)
  const program = await spawnProgram({
    role,
    folder,
    env: { KUBERNETES_SERVICE_HOST: undefined, ...env },
    settings: {
      kubernetes: { kubeconfig },
      mountedSvids: { kubeletRoot: folder },
      files: [{ certificate: join(folder, 'tls.crt') }],
    },
  })
  expect(program.message.replaceAll(/(?<!:):\d+/g, ':PORT')).toBe(`watching as ${role}; ${places}`)
  expect(program.lines().filter((line) => line.message.includes('listening'))).toHaveLength(1)
  for (const address of [...program.addresses, ...program.probe_addresses]) {
    const answer = await fetch(`http://${address.replace('[::]', '[::1]')}/healthz`)
    expect(answer.status, address).toBe(program.addresses.includes(address) ? 404 : 200)
  }
  expect(await program.stop()).toEqual([0, null])
  expect(program.errors()).toBe('')
})
