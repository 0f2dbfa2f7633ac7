import { bundleKeys, type NotABundle } from './bundleKeys.ts'
import type { SpiffeBundle } from './spiffeBundle.ts'
import { isAbsent, isObject, parseStrictJson } from './strictJson.ts'

/**
 * Parses a bundle document, which is a JWK Set (RFC 7517 section 5). The caller must bound its size. By SPIFFE Trust Domain and
 * Bundle, section 4.1, a consumer requires only `keys`, and ignores keys of a type or use that it does not know.
 */
export function bundleFromJson(text: string): { readonly bundle: SpiffeBundle } | NotABundle {
  const json = parseStrictJson(text)
  if ('detail' in json) return { problem: 'malformed_json', ...json }
  if (!isObject(json.value)) return malformed('the document is not a JSON object')
  const { spiffe_sequence: sequence, spiffe_refresh_hint: hint, keys } = json.value

  if (!isAbsent(sequence) && !is64Bit(sequence)) return malformed('spiffe_sequence is not an integer of 64 bits')
  if (!isAbsent(hint) && !is64Bit(hint)) return malformed('spiffe_refresh_hint is not an integer of 64 bits')
  const authorities = bundleKeys(keys)
  if ('problem' in authorities) return authorities
  return {
    bundle: {
      ...(!isAbsent(sequence) && { sequence }),
      ...(!isAbsent(hint) && { refreshHintMs: Math.max(0, Number(hint) * 1000) }),
      ...authorities,
    },
  }
}

function malformed(detail: string): NotABundle {
  return { problem: 'malformed_bundle', detail }
}

/** Reports whether a value is an integer of 64 bits, signed or unsigned: section 4.1.1 requires 64 bits and does not mention a sign. */
function is64Bit(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n
}
