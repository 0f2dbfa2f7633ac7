import { leaf, lowerLeaf, middle, otherKey, root, type SvidCase } from './svidParts.ts'

/** A case of a chain, at a time; the root is the authority unless `bundle` says otherwise. */
const one = (
  name: string,
  says: string,
  chain: readonly Buffer[],
  at?: string,
  bundle: readonly Buffer[] = [root()],
): SvidCase => ({
  name,
  says,
  chain,
  bundle,
  ...(at !== undefined && { at }),
})

const past = { from: '2020-01-01', to: '2026-06-01' }
const future = { from: '2026-08-01', to: '2036-01-01' }
const second = '2026-07-01T12:00:00'

export const dateFaults: readonly SvidCase[] = [
  one('a leaf in its first second', 'accepted', [leaf({ from: second })], `${second}Z`),
  one('a leaf one second before', 'not_yet_valid', [leaf({ from: second })], '2026-07-01T11:59:59Z'),
  {
    ...one('a leaf in its last second', 'accepted', [leaf({ to: second })], `${second}Z`),
    differ: { follows: 'go-spiffe', why: 'by RFC 5280 section 4.1.2.5, the last second belongs to the validity' },
  },
  one('a leaf one second later', 'expired', [leaf({ to: second })], '2026-07-01T12:00:01Z'),
  one('a leaf that is not valid yet', 'not_yet_valid', [leaf(future)]),
  one('an expired leaf', 'expired', [leaf(past)]),
  one('a leaf that ends before it begins', 'expired', [leaf({ from: '2026-12-01', to: '2026-02-01' })]),
  one('a leaf without an end (RFC 5280 section 4.1.2.5)', 'accepted', [leaf({ to: '99991231235959' })]),
  one('a leaf that ends after its authority', 'accepted', [leaf()], undefined, [root({ to: '2026-10-01' })]),
  one('an expired intermediate', 'expired', [lowerLeaf(), middle(past)]),
  one('an intermediate that is not valid yet', 'not_yet_valid', [lowerLeaf(), middle(future)]),
  one('an expired authority', 'expired', [leaf()], undefined, [root(past)]),
  one('an authority that is not valid yet', 'not_yet_valid', [leaf()], undefined, [root(future)]),
  one('an expired authority that was renewed with its key', 'accepted', [leaf()], undefined, [root(past), root()]),
  one('an authority whose renewed certificate is not valid yet', 'accepted', [leaf()], undefined, [
    root({ to: '2026-09-01' }),
    root(future),
  ]),
  one(
    'an expired intermediate that another authority has signed anew',
    'accepted',
    [lowerLeaf(), middle(past), middle({ issuer: 'other', by: otherKey })],
    undefined,
    [root(), root({ subject: 'other', issuer: 'other', key: otherKey })],
  ),
  one('an expired intermediate that has nothing to do with it', 'accepted', [leaf(), middle(past)]),
  one(
    'an intermediate that begins when its authority has ended',
    'expired',
    [lowerLeaf(), middle({ from: '2026-05-01' })],
    undefined,
    [root({ to: '2026-04-01' })],
  ),
]
