/**
 * The names of the parts of the state, which are the keys in a ConfigMap. A release with more state adds a part: earlier releases
 * keep unknown parts unchanged, and ignore unknown fields of the parts that they know. What they would misread gets another version
 * (stateVersion.ts).
 */
export type PartName = 'checkpoint.json' | 'memory.json'

/** The stored text of one part, which is undefined if nothing is stored. */
export type Loaded = { readonly text: string | undefined } | { readonly problem: string }

/** Returns the text that replaces the stored one, or undefined to keep the stored one. */
export type Change = (stored: string | undefined) => string | undefined

/** `behind`: the change kept the stored text, so nothing was written. */
export type Saved = 'saved' | 'behind'

/**
 * Stores the state that survives this process. Each part is written without effect on the others. Methods throw a
 * `SvidwatchError` if the store cannot be read or written, with a trouble reason as its code where there is one.
 */
export interface StateStore {
  /** The type and the location of the store, for messages. */
  readonly place: string
  /** Returns the stored text of one part. */
  load(part: PartName, signal: AbortSignal): Promise<Loaded>
  /** Replaces one part. Calls `change` again if another process has written in between. */
  save(part: PartName, change: Change, signal: AbortSignal): Promise<Saved>
}
