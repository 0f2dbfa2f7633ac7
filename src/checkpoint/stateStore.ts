/**
 * The texts that svidwatch's state is made of, by the names that they have in a ConfigMap. A version that has more to keep gives
 * it a part of its own: earlier ones leave that as it is, while of a part that they cannot read they begin anew.
 */
export type PartName = 'checkpoint.json' | 'memory.json'

/** What was found of one part; `text` is undefined where there is none. */
export type Loaded = { readonly text: string | undefined } | { readonly problem: string }

/** The text to store in the place of what is stored; undefined: what is stored is to stay. */
export type Change = (stored: string | undefined) => string | undefined

/** `behind`: what is stored was to stay, so nothing was written. */
export type Saved = 'saved' | 'behind'

/**
 * The one object that outlives this process. Each part is written on its own and costs the others nothing. What cannot be read
 * or written throws a `SvidwatchError`, with a trouble reason as its code where there is one.
 */
export interface StateStore {
  /** What and where it is, for messages. */
  readonly place: string
  load(part: PartName, signal: AbortSignal): Promise<Loaded>
  /** `change` is asked again where another process was faster. */
  save(part: PartName, change: Change, signal: AbortSignal): Promise<Saved>
}
