import { readdirSync } from 'node:fs'
import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const throughTheClock = 'Time, timers and randomness come in through the injected Clock (src/clock.ts).'
const throughTheClockSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: throughTheClock },
  { selector: 'ImportDeclaration[source.value=/^node:(timers|perf_hooks)/]', message: throughTheClock },
]

/** What goes into each part of the ledger, and under which codes: `ledger/observations`, `ledger/sight/observations` and so on. */
const ledgerInputs = ['ledger/([a-zA-Z]+/)?observations', 'ledger/([a-zA-Z]+/)?reasons']

/**
 * The rooms of src/ and what each may import from, rooms, folders or files. Data flows one way: a source reports
 * observations to the ledger, outputs read the ledger, nothing flows back; identity knows nobody.
 */
const rooms = {
  text: [],
  identity: [],
  log: ['identity', 'ledger', 'diagnosis'],
  files: ['identity/keyFile'],
  http: [],
  retry: [],
  kubernetes: ['http', 'retry'],
  config: ['identity/renewal', 'identity/keyFile', 'identity/spiffeId', 'identity/bundleEndpointUrl'],
  ledger: ['identity', 'files/fileProblems', 'config/spiffeDriver'],
  nodeStream: ['identity', 'files', ...ledgerInputs],
  sources: [
    'identity',
    'files',
    'http',
    'kubernetes',
    'nodeStream',
    'retry',
    ...ledgerInputs,
    'ledger/bundles/remembered',
  ],
  diagnosis: ['identity', 'ledger'],
  metrics: ['identity', 'ledger', 'diagnosis'],
  traces: ['identity', 'ledger', 'diagnosis', 'retry'],
  watchdog: ['diagnosis/codes', 'kubernetes'],
  checkpoint: ['files', 'kubernetes', 'ledger', 'retry'],
  server: ['identity', 'ledger', 'diagnosis', 'metrics', 'nodeStream', 'log/log'],
  world: ['identity', 'config/spiffeDriver', 'sources/mountedSvids/layout'],
  demo: ['identity', 'config', 'files', 'kubernetes/client', 'world', 'app', 'log/log'],
  app: [
    'identity',
    'config',
    'files',
    'kubernetes',
    'nodeStream',
    'sources',
    'ledger',
    'diagnosis',
    'metrics',
    'traces',
    'checkpoint',
    'server',
    'log',
  ],
  cli: ['app', 'checkpoint', 'config', 'demo', 'files', 'kubernetes/client', 'log/log', 'world/world'],
}

/** What every room may import: files beside the rooms, and a room that imports nothing. */
const common = ['breather', 'clock', 'errors', 'inTurn', 'known', 'namespaces', 'resourceVersion', 'role', 'text']

/** Everything in src/, rooms and files. */
const everything = readdirSync(`${import.meta.dirname}/src`).map((name) => name.replace(/\.ts$/, ''))

/** The paths of imports that leave a room, other than to what it may import; whole names are compared. */
const forbidden = (room, allowed) =>
  `^(\\.\\./)+(?!(${[room, ...allowed, ...common].join('|')})(/|\\.ts$))(${everything.join('|')})(/|\\.ts$)`

/** A room's one-way boundary, for imports and for `import()`. */
const boundary = ([room, allowed]) => {
  const message = `src/${room} may import only ${[...allowed, ...common].join(', ')}: data flows one way.`
  const regex = forbidden(room, allowed)
  const selector = `ImportExpression[source.value=/${regex.replaceAll('/', '\\u002F')}/]`
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex, caseSensitive: true, message }] }],
      'no-restricted-syntax': ['error', ...throughTheClockSyntax, { selector, message }],
    },
  }
}

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
      'no-restricted-syntax': ['error', ...throughTheClockSyntax],
    },
  },
  { files: ['test/cluster/**/*.ts'], rules: { 'no-console': 'off' } },
  ...Object.entries(rooms).map(boundary),
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // A program of its own, which the pod of `helm test` gets as a text.
    files: ['charts/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: {
        process: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        setTimeout: 'readonly',
        console: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
)
