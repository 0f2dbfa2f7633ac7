import { constants } from 'node:fs'
import { open, readlink, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, sep } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { ReadProblem } from '../../ledger/reasons.ts'

export interface ReadFailure {
  readonly problem: ReadProblem
  readonly detail: string
}

export interface ReadBounds {
  readonly maxBytes: number
  /**
   * The folder that the file must lie in, under its own name, wherever symlinks lead. What does not is not opened, so that
   * a link from a certificate's name to a private key leads nowhere.
   */
  readonly within?: string
}

/** Reads a regular file of bounded size. It never blocks on a pipe or a device. */
export async function readText(path: string, bounds: ReadBounds): Promise<{ readonly text: string } | ReadFailure> {
  try {
    const target = bounds.within === undefined ? path : await realpath(path)
    if (bounds.within !== undefined && !liesWithin(target, path, bounds.within)) return outside(path)
    const follow = bounds.within === undefined ? 0 : constants.O_NOFOLLOW
    await using file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | follow)
    if (bounds.within !== undefined && !(await isStillAt(file, target))) return outside(path)
    return await readOpened(file, path, bounds.maxBytes)
  } catch (error) {
    return failureOf(error, path)
  }
}

function liesWithin(target: string, path: string, folder: string): boolean {
  return target.startsWith(folder + sep) && basename(target) === basename(path)
}

/** Whether what was opened is what was resolved: a folder on the way could have become a symlink in between. */
async function isStillAt(file: FileHandle, target: string): Promise<boolean> {
  try {
    const opened = await readlink(`/proc/self/fd/${file.fd}`)
    return opened === target || opened === `${target} (deleted)`
  } catch {
    return (await realpath(target)) === target // a system without /proc
  }
}

async function readOpened(file: FileHandle, path: string, maxBytes: number): Promise<{ text: string } | ReadFailure> {
  const stats = await file.stat()
  if (!stats.isFile()) return { problem: 'not_a_file', detail: `${path} is not a regular file` }
  const bytes = stats.size > maxBytes ? undefined : await readUpTo(file, maxBytes)
  if (bytes === undefined) return { problem: 'too_large', detail: `${path} is larger than ${maxBytes} bytes` }
  if (bytes.length === 0) return { problem: 'empty', detail: `${path} is empty` }
  return { text: bytes.toString() }
}

/** The file's bytes; undefined where there are more than `maxBytes`: it may have grown since its size was asked. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(maxBytes + 1)
  let length = 0
  while (length <= maxBytes) {
    const { bytesRead } = await file.read(bytes, length)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
  }
  return undefined
}

function outside(path: string): ReadFailure {
  return { problem: 'outside_volume', detail: `${path} leads out of its volume, or to a file of another name` }
}

function failureOf(error: unknown, path: string): ReadFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'missing', detail: `${path} does not exist` }
  if (code === 'ENXIO') return { problem: 'not_a_file', detail: `${path} is a socket or a device` }
  return { problem: 'unreadable', detail: messageOf(error) }
}
