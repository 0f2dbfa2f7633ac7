/** Reports whether a bundle endpoint may have this URL: https, and no user information (SPIFFE Federation, section 5.2). */
export function isBundleEndpointUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return protocol === 'https:' && username === '' && password === ''
}

/** Parses a host, with its port unless that is 443, to the form that `URL.host` has; undefined if the text is no host alone. */
export function bundleEndpointHost(text: string): string | undefined {
  const url = `https://${text}`
  if (/[/\\?#@\s]/.test(text) || !URL.canParse(url)) return undefined
  return new URL(url).host
}
