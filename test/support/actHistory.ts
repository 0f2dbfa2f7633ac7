import type { ActHistory, Intent, OutcomeCode, Reservation } from '../../src/watchdog/reservation.ts'

/** What the history of tests holds: the open reservations, the outcomes of the others, and how many there were. */
export interface TestHistory {
  readonly open: readonly Reservation[]
  readonly settled: readonly (Reservation & { readonly code: OutcomeCode })[]
  readonly count: number
}

export function parseHistory(text: string | undefined): TestHistory {
  return text === undefined ? { open: [], settled: [], count: 0 } : (JSON.parse(text) as TestHistory)
}

/** A history without caps that writes down everything. A text that is no JSON is a problem. */
export const testHistory: ActHistory = {
  open: (text) => {
    try {
      return parseHistory(text).open
    } catch {
      return { problem: 'the history cannot be read' }
    }
  },
  reserve: (text, { pod }: Intent) => {
    const { open, settled, count } = parseHistory(text)
    if (pod.name === 'capped') return { refusal: 'the cap is reached' }
    const reservation = { id: `${count}`, pod }
    return { text: JSON.stringify({ open: [...open, reservation], settled, count: count + 1 }), reservation }
  },
  settle: (text, id, { code }) => {
    const { open, settled, count } = parseHistory(text)
    const reservation = open.find((one) => one.id === id)
    if (reservation === undefined) return undefined
    const others = open.filter((one) => one !== reservation)
    return JSON.stringify({ open: others, settled: [...settled, { ...reservation, code }], count })
  },
}
