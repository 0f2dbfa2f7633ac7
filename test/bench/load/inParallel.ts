/** Does all the work, at most so many pieces at a time. The first piece that fails ends it. */
export async function inParallel(atOnce: number, work: Iterable<() => Promise<unknown>>): Promise<void> {
  const rest = Iterator.from(work)
  const worker = async () => {
    for (const piece of rest) await piece()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
