import type { Scenario } from '../scenario.ts'
import { Exporter, issuer, minute, pairs, warning } from '../world.ts'
import { scenario, told } from './issuer.ts'

const exporter = new Exporter()
const { waits } = told()
const waited = 10 * minute
/** When the first bookmark of the API server after that is scraped. */
const known = 675
const stuck = (labels: Readonly<Record<string, string>> = {}) =>
  warning('SVIDIssuanceStuck', { issuer, reason: 'awaiting_issuer', ...labels })
const east = new Exporter({ cluster: 'east', instance: 'east:9797' })
const blind = new Exporter({ blind: [500, Infinity], blindTo: 'certificateRequests' })

/** Requests that wait for long. */
export const waiting: readonly Scenario[] = [
  {
    ...scenario(
      'a request that waits for 10 min is told, and no more 5 min after it is answered',
      [...exporter.self(), waits((t) => (t < waited + 100 ? 10 : 'stale'))],
      [known - 15],
      [known, stuck()],
      [waited + 90 + 300, stuck()],
      [waited + 120 + 300],
    ),
    says: [
      {
        at: known,
        firing: stuck(),
        summary: 'An SVID of ClusterIssuer/spiffe-ca has been requested without an answer for 10m 57s: awaiting_issuer',
        description:
          'The CertificateRequests for an SVID of ClusterIssuer/spiffe-ca have had no answer for 10m 57s. The reason is awaiting_issuer.',
      },
    ],
  },
  scenario(
    'an SVID whose driver takes its request back and makes another one every two minutes is told',
    [...exporter.self(), waits((t) => (t % 120 < 15 ? 'stale' : 10))],
    [known - 15],
    [known, stuck()],
    [known + 60, stuck()],
    [1500, stuck()],
  ),
  scenario('a request that a blind svidwatch has seen waiting is not told', [...blind.self(), waits(10)], [700]),
  scenario(
    'the oldest of several namespaces is told once',
    [...exporter.self(), waits(10), told({ namespace: 'team-b' }).waits(300)],
    [known, stuck()],
  ),
  ...pairs.map(({ label, one, other }) =>
    scenario(
      `two svidwatch that differ in their ${label} tell of a request that waits`,
      [
        ...new Exporter(one).self(),
        ...new Exporter({ ...other, blind: [500, Infinity] }).self(),
        told({}, new Exporter(one)).waits(10),
      ],
      [known - 15],
      [known, stuck({ cluster: 'east' })],
    ),
  ),
  scenario(
    'requests are told by cluster, issuer and reason',
    [
      ...exporter.self(),
      ...east.self(),
      waits(10),
      waits(10, 'issuer_not_ready'),
      told({ issuer: 'ClusterIssuer/other' }).waits(10),
      told({}, east).waits(10),
    ],
    [
      known,
      stuck(),
      stuck({ reason: 'issuer_not_ready' }),
      stuck({ issuer: 'ClusterIssuer/other' }),
      stuck({ cluster: 'east' }),
    ],
  ),
]
