import { describe, expect, test } from 'vitest'
import { rightOrders, wrongOrders } from '../../rotation/orders.ts'
import { runOrder } from '../../rotation/run.ts'

const fleet = { seed: 7, workloads: 30 }

describe('a rotation that keeps trust is silent', () => {
  test.each(rightOrders.map((order) => [order.name, order] as const))('%s', async (_, order) => {
    const { wrong, broken } = await runOrder(order, fleet)
    expect({ wrong, broken }).toEqual({ wrong: [], broken: undefined })
  })
})

describe('a rotation that breaks trust is told, with its reason and the number of pairs', () => {
  test.each(wrongOrders.map((order) => [order.name, order] as const))('%s', async (_, order) => {
    expect((await runOrder(order, fleet)).wrong).toEqual([])
  })
})
