import { expect, test } from 'vitest'
import { ListBudget, sharesFor } from '../../../src/kubernetes/listBudget.ts'
import { ManualClock } from '../../support/manualClock.ts'

const forEver = new AbortController().signal
const mebibyte = 1024 * 1024

test.each([
  ['the shipped limit', 512, 2],
  ['less than one share needs', 64, 1],
  ['1 GiB', 1024, 4],
  ['a machine without a limit', 64 * 1024, 8],
])('memory of %s (%i MiB) has room for %i shares', (_, megabytes, shares) => {
  expect(sharesFor(megabytes * mebibyte)).toBe(shares)
})

/** Takes shares, and notes who has one. */
function takers(budget: ListBudget) {
  const holders: string[] = []
  const take = async (name: string, signal = forEver) => {
    const release = await budget.take(signal)
    holders.push(name)
    return () => {
      holders.splice(holders.indexOf(name), 1)
      release()
    }
  }
  return { holders, take }
}

const settled = () => new ManualClock().advance(0)

test('no more have a share than there are, and the others get theirs in turn', async () => {
  const { holders, take } = takers(new ListBudget(2))
  const releaseFirst = await take('first')
  const releaseSecond = await take('second')
  const waiting = ['third', 'fourth'].map((name) => take(name))
  await settled()
  expect(holders).toEqual(['first', 'second'])
  releaseFirst()
  await settled()
  expect(holders).toEqual(['second', 'third'])
  releaseSecond()
  for (const release of await Promise.all(waiting)) release()
  expect(holders).toEqual([])
  await Promise.all([take('fifth'), take('sixth')])
  expect(holders).toEqual(['fifth', 'sixth'])
})

test('who gives up waiting throws why, and takes nobody its turn', async () => {
  const { holders, take } = takers(new ListBudget(1))
  const release = await take('first')
  const end = new AbortController()
  const impatient = take('impatient', end.signal)
  const patient = take('patient')
  end.abort(new Error('enough'))
  await expect(impatient).rejects.toThrow('enough')
  await expect(take('late', end.signal)).rejects.toThrow('enough')
  release()
  await patient
  expect(holders).toEqual(['patient'])
})
