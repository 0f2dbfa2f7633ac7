/** A server that the settings name. */
export interface ConfiguredTarget {
  readonly address: {
    /** `host:port`, as it is configured. */
    readonly text: string
    readonly host: string
    readonly port: number
  }
  /** The name to send (SNI). */
  readonly serverName?: string | undefined
  /** The protocols to offer (ALPN). */
  readonly alpn?: readonly string[] | undefined
  /** PEM files with a client certificate and its private key: both or neither. */
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
}
