/** The number of items after whose rendering a page yields. They take about a tenth of a millisecond. */
const slice = 32

/** The fields of a page: those before its items, what makes an item of each view, and those behind them. */
export interface PageFields<View> {
  readonly before: object
  readonly views: readonly View[]
  readonly item: (view: View) => object
  readonly after: object
}

/** Renders a page as JSON. Yields wherever that may be interrupted. */
export function* pageText<View>({ before, views, item, after }: PageFields<View>): Generator<undefined, Buffer> {
  const items: string[] = []
  for (const view of views) {
    if (items.push(JSON.stringify(item(view))) % slice === 0) yield
  }
  const fields = [fieldsOf(before), `"items":[${items.join(',')}]`, fieldsOf(after)].filter((text) => text !== '')
  return Buffer.from(`{${fields.join(',')}}`)
}

/** Returns the JSON text of an object without its braces. */
const fieldsOf = (object: object): string => JSON.stringify(object).slice(1, -1)
