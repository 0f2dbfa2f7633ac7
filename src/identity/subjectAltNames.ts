/**
 * Matches one name in the text of node:crypto's `X509Certificate.subjectAltName`, e.g. `URI:spiffe://example.org/web, DNS:web`. The
 * text is unambiguous, because a value that could be taken for more than one name is written as a JSON string.
 */
const name = /(?<type>[A-Za-z0-9 ]+):(?:(?<json>"(?:[^"\\]|\\.)*")|(?<plain>[^",]*))(?:, |$)/y

/** Returns the URIs among the subject alternative names; undefined if the text is not of the form that node:crypto writes. */
export function urisFromSubjectAltName(text: string): readonly string[] | undefined {
  const uris: string[] = []
  name.lastIndex = 0
  while (name.lastIndex < text.length) {
    const groups = name.exec(text)?.groups
    if (groups === undefined) return undefined
    if (groups.type === 'URI') uris.push(groups.json === undefined ? (groups.plain ?? '') : unquoted(groups.json))
  }
  return uris
}

/** Returns the string in a JSON string literal, or a malformed literal itself, which is never a SPIFFE ID. */
function unquoted(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch {
    return json
  }
}
