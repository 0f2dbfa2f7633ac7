import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line))
const ofImage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))

/** Returns what the instructions of this name say in the stage that becomes the image. */
const said = (name: string) =>
  ofImage.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))

test('the image is built alike for every architecture', () => {
  expect(dockerfile).not.toMatch(/amd64|arm64|x86|x64|aarch64/)
})

test('the image holds nothing but the program and what it runs on', () => {
  expect(said('FROM')).toEqual(['scratch'])
  expect(said('RUN')).toEqual([])
})

test('the image runs as a user that is not root, by number, as Kubernetes must be able to check', () => {
  const [user = ''] = said('USER')
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('the program gets the signal that ends it: there is no shell before it', () => {
  const [entrypoint = ''] = said('ENTRYPOINT')
  expect(JSON.parse(entrypoint)).toEqual(['node', expect.stringMatching(/^--max-semi-space-size=\d+$/), 'dist/main.js'])
  expect(said('STOPSIGNAL')).toEqual(['SIGTERM'])
})
