/** Reports whether a bundle endpoint may have this URL: https, and no user information (SPIFFE Federation, section 5.2). */
export function isBundleEndpointUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return protocol === 'https:' && username === '' && password === ''
}
