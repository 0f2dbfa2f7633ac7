import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { Serving } from './population.ts'
import type { MountedFiles } from './mountedFiles.ts'

interface PodServerOptions {
  readonly serves: Serving
  /** Whether it reads its files again when they change. */
  readonly reloads: boolean
}

/** An HTTPS server in a pod's container, which presents the SVID of its files. It listens on 127.0.0.1, for want of a network of pods. */
export class PodServer {
  readonly #options: PodServerOptions
  #server: Server | undefined
  #presents: MountedFiles | undefined

  constructor(options: PodServerOptions) {
    this.#options = options
  }

  /** What it presents; undefined if it does not run. */
  get presents(): MountedFiles | undefined {
    return this.#presents
  }

  /** The port on 127.0.0.1; undefined if it does not run. */
  get port(): number | undefined {
    const address = this.#server?.address()
    return typeof address === 'object' ? address?.port : undefined
  }

  /** The container has these files from now on: the server starts with them, or reads them again if it does that. */
  async read(files: MountedFiles): Promise<void> {
    if (this.#server === undefined) await this.#start(files)
    else if (this.#options.reloads) this.#server.setSecureContext(this.#contextOf(files))
    else return
    this.#presents = files
  }

  /** Stops the server. Resolves when every connection is closed. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#presents = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  async #start(files: MountedFiles): Promise<void> {
    const isMutual = this.#options.serves === 'mtls'
    const server = createServer(
      { ...this.#contextOf(files), requestCert: isMutual, rejectUnauthorized: isMutual },
      (_, response) => response.end('ok\n'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
  }

  #contextOf({ certificatePem, keyPem, bundlePem }: MountedFiles) {
    return { cert: certificatePem, key: keyPem, ...(this.#options.serves === 'mtls' && { ca: bundlePem }) }
  }
}
