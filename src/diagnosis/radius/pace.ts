/** The number of rows after which counting yields. */
export const pace = 4096
