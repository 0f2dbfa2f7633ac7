import assert from 'node:assert/strict'
import { test } from 'vitest'
import { parseMountinfo } from '../../src/sources/mountedSvids/mountinfo.ts'
import { driverFromVolumeData } from '../../src/sources/mountedSvids/volumeData.ts'
import { fixtureText } from '../support/fixtures.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonTexts } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { recordedJson } from './support/recorded.ts'
import { textMutation } from './support/text.ts'

test('vol_data.json names a driver where it is an object that does', () => {
  return fuzz(jsonTexts([recordedJson('csi/vol_data.json')]), (text) => {
    const driver = driverFromVolumeData(text)
    if (driver === undefined) return
    assert.equal((JSON.parse(text) as { driverName: string }).driverName, driver)
  })
})

test('mountinfo never says more mounts than it has lines', () => {
  return fuzz(mutated([fixtureText('csi/mountinfo-host.txt')], textMutation), (text) => {
    const mounts = parseMountinfo(text)
    const told = [...mounts.values()].reduce((sum, mount) => sum + mount.split(', ').length, 0)
    assert.ok(mounts.size <= text.split('\n').length && told >= mounts.size)
    for (const mount of mounts.values()) assert.ok(mount.length <= text.length)
  })
})
