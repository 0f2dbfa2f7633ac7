/**
 * Resolves with the name of the signal that asks this process to stop. A second SIGTERM or SIGINT ends the process at once. SIGHUP
 * means that the terminal was closed: it may come twice, and errors of writing to the terminal must not end the shutdown early.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const secondSignal of ['SIGTERM', 'SIGINT']) process.once(secondSignal, () => process.exit(1))
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
