import { describe, expect, it } from 'vitest'
import { RequestCounts } from '../../../../src/ledger/issuance/requestCounts.ts'
import { request } from '../../../support/observations.ts'

describe('the issuers that requests name', () => {
  it('follow the requests, so that no request costs a walk through all groups', () => {
    const counts = new RequestCounts(1, () => new Set())
    const named = counts.issuers()
    const known = () => ['Issuer/a', 'Issuer/b'].filter((issuer) => named.has(issuer))
    const [one, other] = [request({ uid: 'one', issuer: 'Issuer/a' }), request({ uid: 'other', issuer: 'Issuer/a' })]
    const group = counts.changed(one, undefined)
    counts.changed(other, undefined)
    expect(known()).toEqual(['Issuer/a'])
    const elsewhere = counts.changed({ ...one, namespace: 'team-b' }, group)
    expect(known()).toEqual(['Issuer/a'])
    counts.changed({ ...one, namespace: 'team-b', issuer: 'Issuer/b' }, elsewhere)
    expect(known()).toEqual(['Issuer/a', 'Issuer/b'])
    counts.gone('other', group)
    expect(known()).toEqual(['Issuer/b'])
  })
})
