/**
 * Resolves with the name of the signal that asks this process to stop; a second SIGTERM or SIGINT ends it at once. SIGHUP is a
 * closed terminal: it may come twice, and what can no longer be written there must not end the process before it is done.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const insistent of ['SIGTERM', 'SIGINT']) process.once(insistent, () => process.exit(1))
      resolve(signal)
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    process.on('SIGHUP', (signal) => {
      for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
      resolve(signal)
    })
  })
}
