/**
 * The findings of a node role as a stream over HTTP/1.1: lines of JSON (lines.ts), each ended by a newline, for whoever holds
 * a token (tokens.ts). The first thing that a node tells is all that it knows: `snapshot`, a `mounted` for each volume,
 * `synced`. Then it says whether it sees its files, `sighted` or `blind`, and tells each change as it happens. A new `snapshot`
 * may come at any time. A node that has not seen its files since its start has nothing to tell yet: it says `blind` once its
 * first look has failed, and its snapshot comes when it sees. `heartbeat` fills every silence, that before the snapshot too.
 */
export const findingsPath = '/api/v1/findings'

export const findingsContentType = 'application/x-ndjson'

/** A node that has nothing else to say says so after this long. */
export const heartbeatMs = 5_000

/** Whoever hears nothing for so long connects anew; whoever takes nothing for so long is cut. */
export const silentMs = 15_000

/** After so long a node ends the stream well, so that whoever follows on needs a token of a key that is still accepted. */
export const streamMs = 600_000

/** How many volumes one node tells of at most. */
export const maxFindings = 2_000

/** How long a line is at most, without its newline. */
export const maxLineBytes = 16_384
