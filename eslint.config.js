import { readdirSync } from 'node:fs'
import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/**
 * The rooms of src/ and what each may import from. Data flows one way: a source reports observations to the ledger,
 * outputs read the ledger, nothing flows back; identity knows nobody.
 */
const rooms = {
  identity: [],
  http: [],
  kubernetes: ['http'],
  config: ['identity/keyFile', 'identity/spiffeId', 'identity/bundleEndpointUrl'],
  ledger: ['identity'],
  nodeStream: ['identity', 'ledger/observations', 'ledger/reasons'],
  sources: ['identity', 'http', 'kubernetes', 'nodeStream', 'ledger/observations', 'ledger/reasons', 'ledger/memory'],
  metrics: ['identity', 'ledger'],
  checkpoint: ['kubernetes', 'ledger'],
  server: ['identity', 'ledger', 'metrics', 'nodeStream', 'log'],
  demo: ['identity', 'config', 'kubernetes/client', 'sources/mountedSvids/layout', 'app', 'log', 'stopSignal'],
}

/** Files beside the rooms that every room may import. */
const common = ['clock', 'errors', 'resourceVersion']

/** Everything in src/, rooms and files. */
const everything = readdirSync(`${import.meta.dirname}/src`).map((name) => name.replace(/\.ts$/, ''))

/** A room's one-way boundary: everything that leaves the room, other than to what it may import, is refused. */
const boundary = ([room, allowed]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!${[room, ...allowed, ...common].join('|')})(${everything.join('|')})(/|\\.ts)`,
            message: `src/${room} may import only ${[...allowed, ...common].join(', ')}: data flows one way.`,
          },
        ],
      },
    ],
  },
})

const throughTheClock = 'Time, timers and randomness come in through the injected Clock (src/clock.ts).'

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'test/fixtures/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      complexity: ['error', { max: 12, variant: 'modified' }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 250 }],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    ignores: ['src/clock.ts', 'test/cluster/**', 'test/support/real*'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
          name,
          message: throughTheClock,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: throughTheClock },
        { object: 'Math', property: 'random', message: throughTheClock },
        { object: 'AbortSignal', property: 'timeout', message: throughTheClock },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: throughTheClock },
        {
          selector: 'ImportDeclaration[source.value=/^node:(timers|perf_hooks)/]',
          message: throughTheClock,
        },
      ],
    },
  },
  { files: ['test/cluster/**/*.ts'], rules: { 'no-console': 'off' } },
  ...Object.entries(rooms).map(boundary),
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] },
)
