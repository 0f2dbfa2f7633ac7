import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestOptions } from 'node:https'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { credentialsFromText, loadCredentials } from '../../../src/kubernetes/credentials.ts'

const kubeconfig = (context: string, user = '{token: t}', server = 'https://one.example:6443') => `
clusters: [{name: one, cluster: {server: "${server}"}}, {name: two, cluster: {server: "https://two.example/prefix"}}]
users: [{name: u, user: ${user}}]
contexts: [{name: first, context: {cluster: one, user: u}}, {name: second, context: {cluster: two, user: u}}]
current-context: ${context}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'svidwatch-credentials-'))
  vi.stubEnv('HOME', folder)
  vi.stubEnv('KUBECONFIG', undefined)
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('which API server', () => {
  test('the named file says, before everything else', () => {
    const path = write('named', kubeconfig('first'))
    vi.stubEnv('KUBECONFIG', write('other', kubeconfig('second')))
    const { server, origin } = loadCredentials({ kubeconfig: path })
    expect(server.href).toBe('https://one.example:6443/')
    expect(origin).toBe(`context first of ${path}`)
  })

  test('KUBECONFIG says, in a pod too', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1')
    vi.stubEnv('KUBECONFIG', write('config', kubeconfig('second')))
    expect(loadCredentials({}).server.href).toBe('https://two.example/prefix')
  })

  test('the service account says in a pod', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1')
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443')
    const { server, origin } = loadCredentials({})
    expect(server.href).toBe('https://10.96.0.1/')
    expect(origin).toContain("the pod's service account")
  })

  test('the service account says in a pod of an IPv6 cluster', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00:10:96::1')
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443')
    expect(loadCredentials({}).server.href).toBe('https://[fd00:10:96::1]/')
  })

  test('another context than the current one can be named', () => {
    const { server } = loadCredentials({ kubeconfig: write('config', kubeconfig('first')), context: 'second' })
    expect(server.hostname).toBe('two.example')
  })
})

describe('what is wrong', () => {
  test.each([
    { what: 'a file that is not there', text: undefined, message: /none cannot be read: ENOENT/ },
    { what: 'an empty file', text: '', message: /none cannot be read: / },
    { what: 'no YAML', text: '{', message: /none cannot be read: / },
    {
      what: 'no such context',
      text: kubeconfig('third'),
      message: /context "third" names no API server \(contexts: first, second\)/,
    },
    {
      what: 'an object for the name of a context',
      text: JSON.stringify({ contexts: [{ name: { toString: 1 }, context: { cluster: 'a', user: 'b' } }] }),
      message: /none cannot be read: Cannot convert object to primitive value/,
    },
    {
      what: 'no address',
      text: kubeconfig('first', '{}', 'one.example'),
      message: /context "first" names no API server/,
    },
  ])('is said: $what', ({ text, message }) => {
    const path = join(folder, 'none')
    if (text !== undefined) writeFileSync(path, text)
    expect(() => loadCredentials({ kubeconfig: path })).toThrow(expect.objectContaining({ code: 'configuration' }))
    expect(() => loadCredentials({ kubeconfig: path })).toThrow(message)
  })

  test('is said: no kubeconfig anywhere', () => {
    expect(() => loadCredentials({})).toThrow('~/.kube/config does not exist: name a kubeconfig file or set KUBECONFIG')
  })

  test.each([
    {
      what: 'a line',
      yaml: 'users:\n  token: s3cret\n bad',
      said: 'line 3, column 2: bad indentation of a mapping entry',
    },
    { what: 'an alias', yaml: 'token: *s3cret', said: 'line 1, column 9: unidentified alias' },
    { what: 'a tag', yaml: 'token: !s3cret x', said: 'line 1, column 8: unknown scalar tag' },
    {
      what: 'a bad tag',
      yaml: 'token: !s3cret^ x',
      said: 'line 1, column 16: tag name cannot contain such characters',
    },
  ])('is said of YAML without quoting it: $what', ({ yaml, said }) => {
    const path = write('broken', yaml)
    const message = `${path} cannot be read: ${said}`
    expect(() => loadCredentials({ kubeconfig: path })).toThrow(expect.objectContaining({ message }))
  })

  const failed = 'the credential plugin or token file failed; run the plugin by hand to see why'
  test.each([
    { what: 'fails', command: 'sh', args: ['-c', 'echo s3cret >&2; exit 1'], said: failed },
    { what: 'prints no JSON', command: 'echo', args: ['s3cret'], said: failed },
    { what: 'prints no credentials', command: 'echo', args: ['{"token": "s3cret"}'], said: failed },
    { what: 'is not there', command: '/no/plugin', args: ['s3cret'], said: 'spawn /no/plugin ENOENT' },
  ])('is said when a request is made, without what it prints: a plugin that $what', async ({ command, args, said }) => {
    const exec = JSON.stringify({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } })
    const applied = credentialsFromText(kubeconfig('first', exec)).apply({})
    const message = `the credentials of a kubeconfig text cannot be loaded: ${said}`
    await expect(applied).rejects.toMatchObject({ code: 'configuration', message })
  })
})

describe('a request gets', () => {
  test('certificates as they are in the files now, and no agent that keeps older ones', async () => {
    const files = { cert: write('cert', 'old'), key: write('key', 'old key') }
    const user = `{client-certificate: "${files.cert}", client-key: "${files.key}"}`
    const credentials = credentialsFromText(kubeconfig('first', user))
    await credentials.apply({})
    write('cert', 'new')
    const options: RequestOptions = {}
    await credentials.apply(options)
    expect(String(options.cert)).toBe('new')
    expect(options.agent).toBeUndefined()
  })

  test('its token over plain HTTP too, as kubectl does it', async () => {
    const options: RequestOptions = {}
    await credentialsFromText(kubeconfig('first', '{token: t}', 'http://localhost:8001')).apply(options)
    expect(options.headers).toMatchObject({ Authorization: 'Bearer t' })
  })
})
