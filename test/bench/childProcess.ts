import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Starts a file of this folder as a process of its own. What it says is heard, what it writes goes to stderr. */
export function startChild(
  file: string,
  args: readonly (string | number)[],
  execArgv: readonly string[] = [],
): ChildProcess {
  return fork(join(import.meta.dirname, file), args.map(String), {
    execArgv: [...execArgv],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
}

/** The next message of a process. Throws where it ends without one. */
export async function heard<Message>(child: ChildProcess): Promise<Message> {
  const done = new AbortController()
  const { signal } = done
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} has ended with ${String(code)} and said nothing`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Message]
    return message
  } finally {
    done.abort()
  }
}
