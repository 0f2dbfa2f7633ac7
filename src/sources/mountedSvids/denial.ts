import { systemCodeOf, systemReason } from '../../files/systemReason.ts'

/** Reports whether svidwatch may not read a file or folder, by the system's rules or by those of Node's permission model. */
export const isDenied = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'ERR_ACCESS_DENIED'].includes(systemCodeOf(error) ?? '')

/** Returns who may not read `what`, and what to do. `error` is one that `isDenied`, `folder` the folder to allow. */
export function denialOf(error: unknown, what: string, folder: string, uid = process.getuid?.()): string {
  if (systemCodeOf(error) === 'ERR_ACCESS_DENIED')
    return `Node's permission model does not let svidwatch read ${what}: start it with --allow-fs-read=${folder}/`
  const remedy =
    uid === 0
      ? 'if SELinux enforces, give the container a type that may'
      : 'run the node role as uid 0, which needs no capabilities'
  return `uid ${uid ?? 'unknown'} may not read ${what} (${systemReason(error)}): ${remedy}`
}
