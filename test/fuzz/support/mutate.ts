import fc from 'fast-check'

/** One change of an input. */
export type Mutation<Input> = (input: Input) => Input

/** Any place in an input: it is taken modulo the input's length. */
export const place = fc.nat(2 ** 20)

/** A recorded input, with one to four changes. */
export function mutated<Input>(
  recorded: readonly Input[],
  mutation: fc.Arbitrary<Mutation<Input>>,
): fc.Arbitrary<Input> {
  return fc
    .tuple(fc.constantFrom(...recorded), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([input, mutations]) => mutations.reduce((changed, mutate) => mutate(changed), input))
}

/** One after another. */
export function either<Input>(
  ...mutations: readonly fc.WeightedArbitrary<Mutation<Input>>[]
): fc.Arbitrary<Mutation<Input>> {
  return fc.oneof(...mutations)
}
