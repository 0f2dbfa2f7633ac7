import { constants } from 'node:fs'
import { open, readlink, realpath, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, sep } from 'node:path'
import { isKeyFileName } from '../identity/keyFile.ts'
import type { FileProblem } from './fileProblems.ts'
import { systemCodeOf, systemReason } from './systemReason.ts'

/** Why a file gives no text. */
export interface FileFailure {
  readonly problem: FileProblem
  /** Does not repeat the path. */
  readonly detail: string
  /** What the system calls it, such as EACCES; undefined where it was not the system that refused. */
  readonly systemCode?: string | undefined
}

export interface FileBounds {
  readonly maxBytes: number
  /**
   * The folder that the file must lie in, under its own name, wherever symlinks lead. What does not is not opened, so that
   * a link from a certificate's name to a private key leads nowhere.
   */
  readonly within?: string
  /** The file is one of svidwatch's own keys: it may be named like a private key. */
  readonly mayBeKey?: boolean
}

/** A certificate with the chain behind it takes about 3 kB. */
const usualBytes = 8_192

/**
 * The text of a regular file of bounded size, wherever symlinks lead. Pipes, devices and, unless `mayBeKey` says otherwise, what is
 * named like a private key are not opened.
 */
export async function readTextFile(path: string, bounds: FileBounds): Promise<{ readonly text: string } | FileFailure> {
  try {
    const target = await realpath(path)
    const refused = outsideOf(target, path, bounds.within) ?? (await refusalOf(target, bounds))
    if (refused !== undefined) return refused
    await using file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    if (bounds.within !== undefined && !(await isStillAt(file, target))) return outside
    return await readOpened(file, bounds.maxBytes)
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

/** Why a file, which is no symlink, is not to be opened. */
async function refusalOf(target: string, { maxBytes, mayBeKey = false }: FileBounds): Promise<FileFailure | undefined> {
  if (!mayBeKey && isKeyFileName(basename(target)))
    return { problem: 'unreadable', detail: `it leads to ${basename(target)}, which is the name of a private key` }
  const stats = await stat(target)
  if (!stats.isFile()) return { problem: 'not_a_file', detail: 'it is not a regular file' }
  return stats.size > maxBytes ? tooLarge(maxBytes) : undefined
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

async function readOpened(file: FileHandle, maxBytes: number): Promise<{ text: string } | FileFailure> {
  const bytes = await readUpTo(file, maxBytes)
  if (bytes === undefined) return tooLarge(maxBytes)
  return bytes.length === 0 ? { problem: 'empty', detail: 'it is empty' } : { text: bytes.toString() }
}

/**
 * The file's bytes; undefined where there are more than `maxBytes`: it may have grown since its size was asked. Memory is taken
 * as there is something to fill it: files are small, while `maxBytes` is ample, and many are read at once.
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
