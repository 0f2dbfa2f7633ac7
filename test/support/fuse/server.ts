/**
 * A FUSE file system that shows a folder, read-only: `node server.ts FOLDER`, with /dev/fuse as file descriptor 3. It answers one
 * request at a time, and lets the kernel remember nothing, so that every call of a client reaches it. Stopped by SIGSTOP, it is a
 * file system that never answers. The requests are those of include/uapi/linux/fuse.h.
 */
import { lstatSync, openSync, closeSync, readdirSync, readlinkSync, readSync, writeSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'

const device = 3
const headerBytes = 40
const [, , root = '.'] = process.argv

/** The paths of the nodes that the kernel knows. The root is node 1. */
const paths = ['', root]

function nodeOf(path: string): number {
  const known = paths.indexOf(path)
  return known > 0 ? known : paths.push(path) - 1
}

function attributes({ ino, size, blocks, atimeMs, mtimeMs, ctimeMs, mode, nlink, uid, gid }: Stats): Buffer {
  const bytes = Buffer.alloc(88)
  const times = [atimeMs, mtimeMs, ctimeMs]
  for (const [index, value] of [ino, size, blocks, ...times.map((ms) => Math.floor(ms / 1000))].entries())
    bytes.writeBigUInt64LE(BigInt(value), 8 * index)
  const nanoseconds = times.map((ms) => Math.floor((ms % 1000) * 1e6))
  for (const [index, value] of [...nanoseconds, mode, nlink, uid, gid, 0, 4096].entries())
    bytes.writeUInt32LE(value, 48 + 4 * index)
  return bytes
}

function entry(path: string): Buffer {
  const stats = lstatSync(path)
  const head = Buffer.alloc(40)
  head.writeBigUInt64LE(BigInt(nodeOf(path)))
  return Buffer.concat([head, attributes(stats)])
}

function directory(path: string, offset: number, maxBytes: number): Buffer {
  const entries: Buffer[] = []
  let length = 0
  for (const [index, name] of ['.', '..', ...readdirSync(path)].entries()) {
    if (index < offset) continue
    const bytes = Buffer.alloc(24 + Math.ceil(Buffer.byteLength(name) / 8) * 8)
    bytes.writeBigUInt64LE(BigInt(index + 1))
    bytes.writeBigUInt64LE(BigInt(index + 1), 8)
    bytes.writeUInt32LE(Buffer.byteLength(name), 16)
    bytes.write(name, 24)
    length += bytes.length
    if (length > maxBytes) break
    entries.push(bytes)
  }
  return Buffer.concat(entries)
}

function contents(path: string, offset: number, size: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(size)
    return bytes.subarray(0, readSync(file, bytes, 0, size, offset))
  } finally {
    closeSync(file)
  }
}

/** The answer to INIT: version 7.31, without options. */
function welcome(): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.writeUInt32LE(7)
  bytes.writeUInt32LE(31, 4)
  bytes.writeUInt32LE(4096, 20)
  return bytes
}

const empty = Buffer.alloc(0)
const opened = Buffer.alloc(16)
const range = (body: Buffer) => [Number(body.readBigUInt64LE(8)), body.readUInt32LE(16)] as const

/** What each request is answered with, by its code. */
const answers: Readonly<Record<number, (path: string, body: Buffer) => Buffer>> = {
  1: (path, body) => entry(join(path, basename(body.toString('utf8', 0, body.indexOf(0))))), // LOOKUP
  3: (path) => Buffer.concat([Buffer.alloc(16), attributes(lstatSync(path))]), // GETATTR
  5: (path) => Buffer.from(readlinkSync(path)), // READLINK
  14: () => opened, // OPEN
  15: (path, body) => contents(path, ...range(body)), // READ
  17: () => Buffer.alloc(80), // STATFS
  18: () => empty, // RELEASE
  25: () => empty, // FLUSH
  26: welcome, // INIT
  27: () => opened, // OPENDIR
  28: (path, body) => directory(path, ...range(body)), // READDIR
  29: () => empty, // RELEASEDIR
  34: () => empty, // ACCESS
}

/** FORGET, INTERRUPT, BATCH_FORGET. */
const unanswered = new Set([2, 36, 42])
const enosys = -38
const enoent = -2

function answer(unique: bigint, error: number, body: Buffer): void {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(16 + body.length)
  head.writeInt32LE(error, 4)
  head.writeBigUInt64LE(unique, 8)
  writeSync(device, Buffer.concat([head, body]))
}

function serve(request: Buffer): void {
  const code = request.readUInt32LE(4)
  const unique = request.readBigUInt64LE(8)
  if (unanswered.has(code)) return
  const answerOf = answers[code]
  if (answerOf === undefined) {
    answer(unique, enosys, empty)
    return
  }
  let body: Buffer
  try {
    body = answerOf(paths[Number(request.readBigUInt64LE(16))] ?? '', request.subarray(headerBytes))
  } catch {
    answer(unique, enoent, empty)
    return
  }
  answer(unique, 0, body)
}

const buffer = Buffer.alloc(1_048_576)
for (;;) serve(buffer.subarray(0, readSync(device, buffer)))
