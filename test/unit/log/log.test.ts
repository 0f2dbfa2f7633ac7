import { describe, expect, it } from 'vitest'
import { createLog, type LogOptions } from '../../../src/log/log.ts'
import { ManualClock } from '../../support/manualClock.ts'

function logged(options: Pick<LogOptions, 'level' | 'format'>) {
  const lines: string[] = []
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  return { lines, log: createLog({ ...options, clock, destination: { write: (line) => lines.push(line) } }) }
}

describe('JSON', () => {
  it('is one object for each line, with time, level, fields and message', () => {
    const { lines, log } = logged({ level: 'info', format: 'json' })
    log.warn({ event: 'source_trouble', source: 'pods' }, 'pods: no\nanswer')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '2026-11-22T12:00:00.000Z',
      level: 'warn',
      event: 'source_trouble',
      source: 'pods',
      message: 'pods: no\nanswer',
    })
  })

  it('leaves out what is less important than the level', () => {
    const { lines, log } = logged({ level: 'warn', format: 'json' })
    log.debug({ event: 'started' }, 'a')
    log.info({ event: 'started' }, 'b')
    log.warn({ event: 'started' }, 'c')
    log.error({ event: 'started' }, 'd')
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error'])
  })
})

describe('pretty', () => {
  it('is one line to read, with the fields behind the message', () => {
    const { lines, log } = logged({ level: 'debug', format: 'pretty' })
    log.info({ event: 'started', roles: ['cluster', 'node'], url: 'http://a' }, 'watching 100% of %s')
    expect(lines).toEqual([
      '2026-11-22T12:00:00.000Z info  watching 100% of %s roles=["cluster","node"] url="http://a"\n',
    ])
  })

  it('says nothing in the fields that the message says, as whole words', () => {
    const { lines, log } = logged({ level: 'debug', format: 'pretty' })
    log.info(
      { event: 'started', roles: ['cluster', 'node'], url: 'http://a' },
      'watching as cluster, node at http://a/metrics',
    )
    log.warn({ event: 'lines_left_out', about: 'pods', count: 16 }, 'pods: lines left out: 16')
    log.warn({ event: 'rejected', source: 'pod', count: 1 }, 'pods: 16')
    expect(lines.map((line) => line.slice(31, -1))).toEqual([
      'watching as cluster, node at http://a/metrics',
      'pods: lines left out: 16',
      'pods: 16 source="pod" count=1',
    ])
  })

  it('shows text from outside without letting it act on the terminal', () => {
    const { lines, log } = logged({ level: 'info', format: 'pretty' })
    log.warn({ event: 'rejected', where: 'x\u009b2J\u202e' }, 'first\nsecond \u001b[31mred\u2028')
    expect(lines).toEqual([
      '2026-11-22T12:00:00.000Z warn  first\\u{a}second \\u{1b}[31mred\\u{2028} where="x\\u{9b}2J\\u{202e}"\n',
    ])
  })
})
