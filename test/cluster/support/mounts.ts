import { X509Certificate } from 'node:crypto'
import { lstat, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sh } from './shell.ts'

const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'

/** Returns the folder on the host at which the volume `spiffe` of a pod is mounted. */
export const mountOf = (uid: string): string => `${kubeletRoot}/pods/${uid}/volumes/kubernetes.io~csi/spiffe/mount`

/** Returns when the files in a folder of the driver were last replaced, ms since the Unix epoch. */
export const writtenMs = async (folder: string): Promise<number> => (await lstat(join(folder, '..data'))).mtimeMs

/** Returns the SHA-256 of the SVID in a folder, and its end in ms since the Unix epoch; undefined if the folder has no files. */
export async function leafIn(folder: string): Promise<{ fingerprint: string; notAfterMs: number } | undefined> {
  const pem = await readFile(join(folder, 'tls.crt')).catch(unlessGone)
  if (pem === undefined) return undefined
  const { fingerprint256: fingerprint, validTo } = new X509Certificate(pem)
  return { fingerprint, notAfterMs: Date.parse(validTo) }
}

/** Reports whether openssl verifies the SVID in a folder with the `ca.crt` beside it; undefined while the files are replaced. */
export async function verifies(folder: string): Promise<boolean | undefined> {
  const version = await realpath(join(folder, '..data')).catch(unlessGone)
  if (version === undefined) return undefined
  const isOk = await sh('openssl', 'verify', '-CAfile', join(version, 'ca.crt'), join(version, 'tls.crt')).then(
    () => true,
    () => false,
  )
  return (await realpath(join(folder, '..data')).catch(unlessGone)) === version ? isOk : undefined
}

/** Reports whether a folder is a mount: whether it is on another device than the folder that it is in. */
export async function isMounted(folder: string): Promise<boolean> {
  const [here, parent] = await Promise.all([stat(folder).catch(unlessGone), stat(dirname(folder)).catch(unlessGone)])
  return here !== undefined && parent !== undefined && here.dev !== parent.dev
}

export const unmount = (folder: string): Promise<string> => sh('umount', folder)

/** Removes the files of a volume where the driver keeps them, since the mount itself is read-only. */
export async function emptyAtDriver(folder: string): Promise<void> {
  const origin = await originOf(folder)
  for (const name of await readdir(origin)) await rm(join(origin, name), { recursive: true })
}

/** Returns the folder of the driver that is mounted at `folder`. */
async function originOf(folder: string): Promise<string> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' '))
  const [, , device, root = ''] = mounts.findLast(([, , , , point]) => point === folder) ?? []
  const whole = mounts.findLast(([, , of, from]) => of === device && from === '/')
  if (device === undefined || whole === undefined) throw new Error(`${folder} is no mount of a folder of the driver`)
  return join(whole[4] ?? '', root)
}

/** Files and folders come and go while they are read. */
function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  throw error
}
