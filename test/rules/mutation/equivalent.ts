/** Mutants that no test can catch, since they change nothing that anybody could see, by what their names begin with. */
export const equivalent: readonly { readonly mutants: string; readonly reason: string }[] = []
