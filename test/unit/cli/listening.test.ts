import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spawnProgram, temporaryFolder } from '../../support/spawnedProgram.ts'

test.each([
  [
    'node',
    /^watching as node; metrics at http:\/\/127\.0\.0\.1:(\d+)\/metrics; listening on \[::\]:\1, for probes on \[::\]:\d+$/,
  ],
  [
    'standalone',
    /^watching as standalone; metrics at http:\/\/127\.0\.0\.1:(\d+)\/metrics; listening on 127\.0\.0\.1:\1 and \[::1\]:\1, for probes on 127\.0\.0\.1:(\d+) and \[::1\]:\2$/,
  ],
] as const)('the role %s says in one line what it listens on', async (role, message) => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'pods'))
  const program = await spawnProgram({
    role,
    folder,
    settings: { mountedSvids: { kubeletRoot: folder }, files: [{ certificate: join(folder, 'tls.crt') }] },
  })
  expect(program.message).toMatch(message)
  expect(program.lines().filter((line) => line.message.includes('listening'))).toHaveLength(1)
  for (const address of [...program.addresses, ...program.probeAddresses]) {
    const answer = await fetch(`http://${address.replace('[::]', '[::1]')}/healthz`)
    expect(answer.status, address).toBe(program.addresses.includes(address) ? 404 : 200)
  }
  expect(await program.stop()).toEqual([0, null])
  expect(program.errors()).toBe('')
})
