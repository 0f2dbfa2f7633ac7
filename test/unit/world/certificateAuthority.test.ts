import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { X509Certificate as ParsedCertificate } from '@peculiar/x509'
import { expect, test } from 'vitest'
import { createCertificateAuthority } from '../../../src/world/certificateAuthority.ts'
import { createSigningRequest } from '../../../src/world/signingRequest.ts'

const nowMs = Date.UTC(2026, 0, 1, 12) + 250
const spiffeId = 'spiffe://example.org/ns/team-a/sa/web'
const validity = { notBeforeMs: nowMs, lifetimeMs: 180_000 }

async function recordedRequest() {
  const text = await readFile(new URL('../../fixtures/csi/cr-issued.json', import.meta.url), 'utf8')
  const { spec, status } = JSON.parse(text) as {
    spec: { request: string }
    status: { certificate: string; ca: string }
  }
  const pem = (base64: string) => Buffer.from(base64, 'base64').toString()
  return { request: pem(spec.request), certificate: pem(status.certificate), ca: pem(status.ca) }
}

/** Returns everything about a certificate except its key, its name and its dates. */
function profileOf(pem: string) {
  const { subject, signatureAlgorithm, publicKey, extensions } = new ParsedCertificate(pem)
  return {
    subject,
    signatureAlgorithm,
    key: publicKey.algorithm as unknown,
    extensions: extensions.map(({ type, critical, value }) => ({ type, critical, bytes: value.byteLength })),
  }
}

test('an SVID verifies against the authority and is valid for its lifetime, in whole seconds', async () => {
  const authority = await createCertificateAuthority('spiffe-ca', nowMs)
  const leaf = new X509Certificate(await authority.sign(await createSigningRequest(spiffeId), validity))
  const issuer = new X509Certificate(authority.certificatePem)

  expect(leaf.verify(issuer.publicKey)).toBe(true)
  expect(leaf.checkIssued(issuer)).toBe(true)
  expect(leaf.subjectAltName).toBe(`URI:${spiffeId}`)
  expect(leaf.validFromDate.toISOString()).toBe('2026-01-01T12:00:00.000Z')
  expect(leaf.validToDate.toISOString()).toBe('2026-01-01T12:03:00.000Z')
})

test('its certificates have the profile of recorded ones', async () => {
  const recorded = await recordedRequest()
  const authority = await createCertificateAuthority('spiffe-ca', nowMs)
  const leaf = await authority.sign(await createSigningRequest(spiffeId), validity)

  expect(profileOf(leaf)).toEqual(profileOf(recorded.certificate))
  expect(profileOf(authority.certificatePem).extensions).toEqual(profileOf(recorded.ca).extensions)
})

test('it signs a recorded signing request, and none whose signature is wrong', async () => {
  const { request } = await recordedRequest()
  const authority = await createCertificateAuthority('spiffe-ca', nowMs)
  expect(new X509Certificate(await authority.sign(request, validity)).subjectAltName).toBe(`URI:${spiffeId}`)

  const lines = request.split('\n')
  const der = Buffer.from(lines.filter((line) => !line.startsWith('-----')).join(''), 'base64')
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1)
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  await expect(authority.sign(forged, validity)).rejects.toThrow('the signature of the certificate signing request')
})
