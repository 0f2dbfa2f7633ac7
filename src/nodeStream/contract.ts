/**
 * The path of the findings of a node role: a stream over HTTP/1.1 of JSON lines (lines.ts), each ended by a newline, for clients
 * with a token (tokens.ts). The stream begins with everything that the node role knows: `snapshot`, a `mounted` line for each
 * volume, `synced`. Then it says whether the node role sees its files, `sighted` or `blind`, and sends each change as it happens.
 * A new `snapshot` may come at any time. A node role that has not seen its files since its start sends `blind` once its first
 * attempt has failed, and its snapshot when it sees them. A `heartbeat` is sent in every silence, also before the snapshot.
 */
export const findingsPath = '/api/v1/findings'

export const findingsMediaType = 'application/x-ndjson'

/**
 * The version of the lines, which the Content-Type tells. It rises when lines change such that an earlier follower would misread them;
 * a new type, field or code does not need that (CONTRIBUTING.md).
 */
export const findingsVersion = '1'

/** The versions that a follower reads. A stream without a version is older than the versions, and is read as the first one. */
export const readableFindings: readonly (string | undefined)[] = [undefined, findingsVersion]

export const findingsContentType = `${findingsMediaType}; version=${findingsVersion}`

/** A node role sends a heartbeat after this long without another line. */
export const heartbeatMs = 5_000

/** A follower reconnects after this long without a line. A node role cuts a follower that reads nothing for this long. */
export const silentMs = 15_000

/** A node role ends the stream after this long, so that its followers must show a token of a key that is still accepted. */
export const streamMs = 600_000

/** The most volumes that one node role reports. */
export const maxFindings = 2_000

/** The longest line, without its newline. */
export const maxLineBytes = 20_480

/**
 * The most lines that a node role sends at once, and per second for long. Each KiB counts as a line as well. A follower cuts a stream
 * with more. A node role comes nowhere near: a snapshot of `maxFindings` volumes counts about 4,000, or 21,000 if each has a trust bundle of
 * 64 authorities, and `maxFindings` volumes that all change every four seconds count 1,000 a second.
 */
export const maxLinesAtOnce = 25_000
export const maxLinesPerSecond = 1_000
