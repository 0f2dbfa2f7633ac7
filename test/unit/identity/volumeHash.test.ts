import { expect, test } from 'vitest'
import { labelHash, volumeHash } from '../../../src/identity/volumeHash.ts'

test('the volume label of a recorded request', () => {
  expect(volumeHash('0a99cc62-09ca-455a-b9f0-d4a0d0aa9ff7', 'tls')).toBe('6f88bc479f')
})

test('the node label of a recorded request', () => {
  expect(labelHash('kind-control-plane')).toBe('645bccb866')
})

test('a volume label is the hash of the volume handle that the driver makes', () => {
  const handle = 'csi-be368c20fe7f8a57a200b808062dc31328db59ad75ff38341fd388c8b14a96f1'
  expect(volumeHash('8b3cb69b-eb44-437c-9e7c-06e9c212c84f', 'tls')).toBe(labelHash(handle))
})
