import type { Scenario } from '../scenario.ts'
import {
  down,
  expired,
  Exporter,
  hour,
  otherLabels,
  renewed,
  soon,
  svid,
  warning,
  workload,
  type Workload,
} from '../world.ts'

const exporter = new Exporter()
const second = new Exporter({ instance: 'b:9797' })
const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
const web = workload()
const stuck = svid(hour, 0.27, 607)
const fresh = renewed(stuck, 300)

const due = 'spiffe_svid_renewal_due_timestamp_seconds'
const notAfter = 'spiffe_svid_not_after_timestamp_seconds'

/** A server presents an SVID that expires at 1200, and has missed its renewal at 600. */
const served = { ...web, copy: 'served' }
const servedSeries = [exporter.series(due, served, 400), exporter.series(notAfter, served, 1200)]
const missed = (labels: Readonly<Record<string, string>>) =>
  exporter.problem('renewal_missed', labels, (t) => (t < 600 ? 'stale' : 600))
const servedMissed = missed(served)
const servedExpired = (more: Readonly<Record<string, string>>) =>
  exporter.problem('expired', { ...served, ...more }, (t) => (t < 600 ? 'stale' : 590))

const mounted = { ...web, copy: 'mounted' }
const detached = exporter.problem('mount_detached', mounted, () => 100)
const held = missed(mounted)
const detachedAlert = warning('SVIDMountDetached', { ...web })

const text =
  'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1 was not renewed and'

/** A missed renewal is the page of its workload, or of the issuer that explains it. */
const pages = [
  { by: 'by name', explained_by: '', firing: soon(web) },
  { by: 'by its issuer', explained_by: 'issuer_down', firing: down() },
] as const

/** The svidwatch that tells of a workload which differs from `web` in one label. */
const tellerOf = (label: string) => (label === 'cluster' ? west : exporter)

/** A fresh copy of another workload, which says nothing of this one. */
const besideServed = Object.entries(otherLabels)
  .filter(([label]) => label !== 'issuer')
  .flatMap(([label, value]) => pages.map((page) => [label, value, page] as const))
  .map(([label, value, { by, explained_by, firing }]): Scenario => ({
    name: `a server that presents an old SVID pages ${by} beside one that presents a fresh one and differs in its ${label}`,
    series: [
      ...exporter.self(),
      ...west.self(),
      ...servedSeries,
      missed({ ...served, explained_by }),
      tellerOf(label).series(due, { ...served, [label]: value }, fresh.due),
    ],
    moments: [[630, firing]],
  }))

/** Mounts that are detached, each of which differs from that of `web` in one label, and their alerts. */
const detachedOthers = Object.entries({ ...otherLabels, copy: 'issued' }).map(([label, value]) => {
  const other: Workload = label === 'copy' ? web : { ...web, [label]: value }
  return {
    label,
    series: tellerOf(label).problem('mount_detached', { ...mounted, [label]: value }, () => 100),
    alert: warning('SVIDMountDetached', { ...other, file: '' }),
  }
})

/** A mount that is detached elsewhere, which says nothing of the SVID in this one. */
const besideDetached = detachedOthers.flatMap(({ label, series, alert }): Scenario[] => [
  ...pages.map(({ by, explained_by }): Scenario => ({
    name: `a renewal that another svidwatch has seen does not page ${by} beside a detached mount that differs in its ${label}`,
    series: [
      ...exporter.self(),
      ...west.self(),
      missed({ ...mounted, explained_by }),
      series,
      ...second.self(),
      ...second.copy('mounted', web, fresh),
    ],
    moments: [[630, alert]],
  })),
  {
    name: `a missed renewal tells when the SVID expires beside a detached mount that differs in its ${label}`,
    series: [...exporter.self(), ...west.self(), held, exporter.series(notAfter, mounted, 1200), series],
    moments: [[630, alert, soon(web)]],
    says: [
      {
        at: 630,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires in 9m 30s',
        description: `${text} expires in 9m 30s. Issuer: ClusterIssuer/spiffe-ca.`,
      },
    ],
  },
])

/** Fresh files of which the programs know nothing: a server has not read them, or containers have an older mount. */
export const heldCopies: readonly Scenario[] = [
  {
    name: 'a server that presents an SVID whose renewal was missed pages, although the mounted and the issued one are fresh',
    series: [
      ...exporter.self(),
      ...exporter.copy('mounted', web, fresh),
      ...exporter.copy('issued', web, fresh),
      ...second.self(),
      ...second.copy('mounted', web, fresh),
      ...servedSeries,
      servedMissed,
    ],
    moments: [[585], [600, soon(web)], [1200, soon(web)]],
    says: [
      {
        at: 630,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires in 9m 30s',
        description: `${text} expires in 9m 30s. Issuer: ClusterIssuer/spiffe-ca.`,
      },
    ],
  },
  {
    name: 'of two svidwatch, the one that has seen the server present a fresh SVID decides',
    series: [
      ...exporter.self(),
      ...servedSeries,
      servedMissed,
      ...second.self(),
      second.series(due, served, fresh.due),
    ],
    moments: [[630], [900]],
  },
  ...besideServed,
  {
    name: 'a server that presents an SVID that has expired pages by name',
    series: [...exporter.self(), servedExpired({})],
    moments: [[585], [630, soon(web), expired(web)]],
  },
  ...pages.map(({ by, explained_by }): Scenario => ({
    name: `a muted server that presents an old SVID, and later one that has expired, does not page ${by}`,
    series: [
      ...exporter.self(),
      exporter.problem('renewal_missed', { ...served, explained_by, muted: 'true' }, (t) => (t < 400 ? 300 : 'stale')),
      servedExpired({ explained_by, muted: 'true' }),
    ],
    moments: [[390], [630]],
  })),
  {
    name: 'a server that has not reloaded pages nobody while the renewal of its SVID is due and not missed',
    series: [...exporter.self(), ...servedSeries, exporter.problem('not_reloaded', served, () => 300)],
    moments: [[630, warning('SVIDNotReloaded', { ...web })]],
  },
  {
    name: 'containers with an older mount than their node page for the SVID that they read, although the one on the node is fresh',
    series: [...exporter.self(), ...exporter.copy('mounted', web, fresh), detached, held],
    moments: [
      [585, detachedAlert],
      [600, detachedAlert, soon(web)],
      [1200, detachedAlert, soon(web)],
    ],
    says: [
      {
        at: 630,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires at a time that is not exported',
        description: `${text} expires at a time that is not exported. Issuer: ClusterIssuer/spiffe-ca.`,
      },
    ],
  },
  {
    name: 'containers with an older mount than their node page once the SVID that they read has expired',
    series: [
      ...exporter.self(),
      ...exporter.copy('mounted', web, fresh),
      detached,
      exporter.problem('expired', mounted, (t) => (t < 600 ? 'stale' : 590)),
    ],
    moments: [[600, detachedAlert, soon(web), expired(web)]],
    says: [
      {
        at: 630,
        firing: expired(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) has expired',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1 expired 40s ago, so connections of the workload fail. Issuer: ClusterIssuer/spiffe-ca.',
      },
    ],
  },
  ...besideDetached,
]
