import assert from 'node:assert/strict'

// Asked of hundreds of thousands of inputs: node:assert takes a hundredth of the time that vitest's `expect` does.

/** The longest detail that any refusal may have. */
const maxDetailLength = 1_000

/** What no log line, label or page should hold: controls, ends of lines, halves of a pair, and what turns text around. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

export function assertPrintable(text: string): void {
  const found = unprintable.exec(text)?.[0]
  assert.equal(found, undefined, `${JSON.stringify(found)} in ${JSON.stringify(text.slice(0, maxDetailLength))}`)
}

/** One line, printable, that says something and has an end. */
export function assertDetail(detail: string): void {
  assert.ok(detail.length <= maxDetailLength, `a detail of ${detail.length} characters`)
  assert.notEqual(detail.trim(), '', 'a detail that says nothing')
  assertPrintable(detail)
}

/** A refusal under a code that is documented. */
export function assertRefusal(
  { problem, detail }: { readonly problem: string; readonly detail: string },
  documented: Readonly<Record<string, string>>,
): void {
  assert.ok(Object.hasOwn(documented, problem), `the code ${problem} is not documented`)
  assertDetail(detail)
}

/** A time that RFC 3339 can write: of the years 0 to 9999. */
export function assertTime(ms: number | undefined): void {
  if (ms !== undefined) assert.match(new Date(ms).toISOString(), /^\d{4}-/)
}

/** A name that may become the label of a metric. */
export function assertLabel(text: string, maxLength: number): void {
  assert.ok(text.length <= maxLength, `a label of ${text.length} characters`)
  assertPrintable(text)
}
