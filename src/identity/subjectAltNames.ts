/**
 * One name in the text of node:crypto's `X509Certificate.subjectAltName`, e.g. `URI:spiffe://example.org/web, DNS:web`. A
 * value that could be taken for more than one name is written as a JSON string, which is what makes the text unambiguous.
 */
const name = /(?<type>[A-Za-z0-9 ]+):(?:(?<json>"(?:[^"\\]|\\.)*")|(?<plain>[^",]*))(?:, |$)/y

/** The URIs among the subject alternative names; undefined where the text is not of the form that node:crypto writes. */
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

/** The string that a JSON string literal stands for; where it is none, the literal itself, which no SPIFFE ID can be. */
function unquoted(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch {
    return json
  }
}
