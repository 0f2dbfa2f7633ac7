import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { messageOf, SvidwatchError } from '../errors.ts'
import { NoAnswer, type FileCalls } from '../files/fileCalls.ts'
import { readTextFile } from '../files/readTextFile.ts'
import { systemCodeOf } from '../files/systemReason.ts'
import { InTurn } from '../inTurn.ts'
import { checkVersion, versioned } from './stateVersion.ts'
import type { Change, Loaded, PartName, Saved, StateStore } from './stateStore.ts'

/** Far beyond the size limit of all parts together. */
const maxBytes = 4 * 1024 * 1024

const schema = z.record(z.string(), z.string())
type Parts = z.output<typeof schema>
type Found = { readonly parts: Parts } | { readonly problem: string }

interface Refusal {
  readonly code: 'forbidden' | 'not_found' | 'unreadable'
  readonly remedy: string
}

/** What to do about a path that svidwatch refuses to read, such as a folder. */
const notAFile: Refusal = { code: 'unreadable', remedy: 'set another checkpoint.file' }

/** What to do about a file that the system refuses to read or write, by the system's error code. */
const remedies: Readonly<Record<string, Refusal>> = {
  EACCES: { code: 'forbidden', remedy: 'the file and its folder must be writable for the user that svidwatch runs as' },
  EPERM: { code: 'forbidden', remedy: 'the file and its folder must be writable for the user that svidwatch runs as' },
  EBUSY: { code: 'forbidden', remedy: 'the file itself is a mount and cannot be replaced: mount its folder instead' },
  EROFS: {
    code: 'forbidden',
    remedy: 'its file system is read-only: set checkpoint.file to a path that can be written',
  },
  ENOENT: { code: 'not_found', remedy: 'its folder does not exist: create it, or set another checkpoint.file' },
  ENOTDIR: { code: 'not_found', remedy: 'its folder does not exist: create it, or set another checkpoint.file' },
}

/**
 * Keeps the state in one file, a JSON object with a text for each part, for one process at a time. The file is replaced as a
 * whole, so that it is never half written. A file that is not such an object is reported once, renamed to `<file>.corrupt`, and
 * the state starts empty. Methods throw a `SvidwatchError` with code `forbidden`, `not_found` or `unreadable` if the file cannot
 * be read or written, `timeout` if its file system does not answer, and `newer_state` if the state is of a newer version.
 */
export class FileStore implements StateStore {
  readonly #file: string
  readonly #files: FileCalls
  /** Each call reads, changes and writes the file, so calls run one after the other. */
  readonly #calls = new InTurn()

  constructor(file: string, files: FileCalls) {
    this.#file = file
    this.#files = files
  }

  get place(): string {
    return `state file ${this.#file}`
  }

  load(part: PartName, signal: AbortSignal): Promise<Loaded> {
    return this.#inTurn(signal, async () => {
      const found = await this.#read()
      return 'problem' in found ? found : { text: found.parts[part] }
    })
  }

  save(part: PartName, change: Change, signal: AbortSignal): Promise<Saved> {
    return this.#inTurn(signal, async () => {
      const found = await this.#read()
      if ('problem' in found) throw new SvidwatchError('unreadable', found.problem)
      // The caller was told that nothing was saved.
      if (this.#files.isStuck(this.#file)) throw new SvidwatchError('timeout', 'the file was read too late')
      const text = change(found.parts[part])
      if (text === undefined) return 'behind'
      await this.#write(versioned({ ...found.parts, [part]: text })).catch(throwWithRemedy)
      return 'saved'
    })
  }

  #inTurn<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    return this.#calls.run(signal, async () => {
      const answer = await this.#files.run(this.#file, work)
      if (answer instanceof NoAnswer) throw new SvidwatchError('timeout', answer.detail)
      return answer
    })
  }

  async #read(): Promise<Found> {
    const found = await readParts(this.#file)
    if ('parts' in found) {
      checkVersion(found.parts)
      return found
    }
    const renamed = `${this.#file}.corrupt`
    await rename(this.#file, renamed).catch(throwWithRemedy)
    return { problem: `${found.problem}; it is kept as ${renamed}` }
  }

  /** Replaces the file, readable only for its owner. A temporary file left by a killed process is removed, even if it is a symlink. */
  async #write(parts: Parts): Promise<void> {
    const temporary = `${this.#file}.tmp`
    await rm(temporary, { force: true })
    {
      await using file = await open(temporary, 'wx', 0o600)
      await file.writeFile(JSON.stringify(parts))
      await file.sync()
    }
    await rename(temporary, this.#file)
    await using folder = await open(dirname(this.#file))
    await folder.sync()
  }
}

/** Reads the parts of a file. A missing file has no parts. Throws a `SvidwatchError` if the file cannot be read at present. */
async function readParts(path: string): Promise<Found> {
  const file = await readTextFile(path, { maxBytes })
  if ('text' in file) return partsOf(file.text)
  switch (file.problem) {
    case 'missing':
      return { parts: {} }
    case 'empty':
      return notParts
    case 'too_large':
      return { problem: file.detail }
    default:
      throw errorWithRemedy(file.detail, file.systemCode === undefined ? notAFile : remedies[file.systemCode])
  }
}

const notParts = { problem: 'it is not a JSON object of texts' }

function partsOf(text: string): Found {
  try {
    return { parts: schema.parse(JSON.parse(text)) }
  } catch {
    return notParts
  }
}

/** Throws a system error again, with what to do about it. */
function throwWithRemedy(error: unknown): never {
  if (error instanceof SvidwatchError) throw error
  throw errorWithRemedy(messageOf(error), remedies[systemCodeOf(error) ?? ''], { cause: error })
}

function errorWithRemedy(detail: string, refusal: Refusal | undefined, options?: ErrorOptions): SvidwatchError {
  const message = refusal === undefined ? detail : `${detail}: ${refusal.remedy}`
  return new SvidwatchError(refusal?.code ?? 'unreadable', message, options)
}
