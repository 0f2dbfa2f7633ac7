import { constants, type Stats } from 'node:fs'
import { open, readlink, realpath, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, sep } from 'node:path'
import { isKeyFileName } from '../identity/keyFile.ts'
import type { FileProblem } from './fileProblems.ts'
import { linkedKey } from './linkedKey.ts'
import { systemCodeOf, systemReason } from './systemReason.ts'

/** Why a file could not be read. */
export interface FileFailure {
  readonly problem: FileProblem
  /** A message without the path. */
  readonly detail: string
  /** The error code of the system, such as EACCES; undefined if it was not the system that refused. */
  readonly systemCode?: string | undefined
}

export interface FileBounds {
  readonly maxBytes: number
  /**
   * The folder that must contain the file, under the same name, after symlinks are resolved, and under no other name (hard link). Any
   * other file is not opened, so that no link can lead from the name of a certificate to a private key.
   */
  readonly within?: string
  /** Allows a file that is named like a private key, for svidwatch's own keys. */
  readonly mayBeKey?: boolean
}

/** A certificate with the chain behind it takes about 3 kB. */
const usualBytes = 8_192

/**
 * Returns the text of a regular file of bounded size. Symlinks are followed. Pipes, devices and, unless `mayBeKey` is set, files
 * that are named like a private key, also by a hard link in the same folder, are not opened.
 */
export async function readTextFile(path: string, bounds: FileBounds): Promise<{ readonly text: string } | FileFailure> {
  try {
    const target = await realpath(path)
    const refused = outsideOf(target, path, bounds.within) ?? (await refusalOf(target, await stat(target), bounds))
    if (refused !== undefined) return refused
    await using file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    if (bounds.within !== undefined && !(await isStillAt(file, target))) return outside
    // Another file may have taken the place of the one that was looked at.
    return (await refusalOf(target, await file.stat(), bounds)) ?? (await readOpened(file, bounds.maxBytes))
  } catch (error) {
    return failureOf(error)
  }
}

const outside: FileFailure = {
  problem: 'outside_volume',
  detail: 'it leads out of its volume, or to a file of another name',
}

function outsideOf(target: string, path: string, folder: string | undefined): FileFailure | undefined {
  if (folder === undefined) return undefined
  return target.startsWith(folder + sep) && basename(target) === basename(path) ? undefined : outside
}

/** Returns why a file must not be opened or read, or undefined. `target` is the path after symlinks are resolved. */
async function refusalOf(
  target: string,
  stats: Stats,
  { maxBytes, within, mayBeKey = false }: FileBounds,
): Promise<FileFailure | undefined> {
  if (!mayBeKey && isKeyFileName(basename(target)))
    return { problem: 'unreadable', detail: `it leads to ${basename(target)}, which is the name of a private key` }
  if (!stats.isFile()) return { problem: 'not_a_file', detail: 'it is not a regular file' }
  if (within !== undefined && stats.nlink > 1)
    return { problem: 'outside_volume', detail: 'it is a hard link, and the same file has another name' }
  const key = mayBeKey ? undefined : await linkedKey(target, stats)
  if (key !== undefined) return { problem: 'unreadable', detail: key }
  return stats.size > maxBytes ? tooLarge(maxBytes) : undefined
}

/** Reports whether the opened file is the resolved one. A folder of the path could have become a symlink in between. */
async function isStillAt(file: FileHandle, target: string): Promise<boolean> {
  try {
    const opened = await readlink(`/proc/self/fd/${file.fd}`)
    return opened === target || opened === `${target} (deleted)`
  } catch {
    return (await realpath(target)) === target // a system without /proc
  }
}

async function readOpened(file: FileHandle, maxBytes: number): Promise<{ text: string } | FileFailure> {
  const bytes = await readUpTo(file, maxBytes)
  if (bytes === undefined) return tooLarge(maxBytes)
  return bytes.length === 0 ? { problem: 'empty', detail: 'it is empty' } : { text: bytes.toString() }
}

/**
 * Returns the bytes of a file, or undefined if it has more than `maxBytes`, since it may have grown after its size was checked.
 * The buffer grows with what is read: files are small, `maxBytes` is ample, and many files are read at once.
 */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  let bytes = Buffer.allocUnsafe(Math.min(usualBytes, maxBytes + 1))
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
    if (length > maxBytes) return undefined
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, maxBytes + 1))
  }
}

function tooLarge(maxBytes: number): FileFailure {
  return { problem: 'too_large', detail: `it is larger than ${maxBytes} bytes` }
}

function failureOf(error: unknown): FileFailure {
  const systemCode = systemCodeOf(error)
  if (systemCode === 'ENOENT' || systemCode === 'ENOTDIR')
    return { problem: 'missing', detail: 'it does not exist', systemCode }
  return { problem: 'unreadable', detail: systemReason(error), systemCode }
}
