import { breakIssuer, healIssuer, rotateCa } from '../support/faults.ts'
import { deleteFleet, replacePods, restartDriver, setDriverTrustDomain, startFleet } from '../support/fleet.ts'
import { hook, kubectl } from '../support/shell.ts'

/** What happens to the cluster, and which alerts are right meanwhile. */
export interface Step {
  readonly name: string
  readonly minutes: number
  readonly act: () => Promise<unknown>
  /** The alerts that have to be notified before the step ends, each with the number of workloads, issuers or sources that it names. */
  readonly fires?: Readonly<Record<string, number>>
  /** Other alerts that may be notified: they are right, but whether they come depends on the moment. */
  readonly mayFire?: readonly string[]
  /** Whether every page has to be over when the step ends. Warnings go on for some minutes. */
  readonly ends?: boolean
}

/** How many pods of the fleet run. */
const pods = 9

const manager = ['-n', 'cert-manager'] as const
const scaleApprover = (replicas: number) =>
  kubectl(...manager, 'scale', 'deployment', 'cert-manager-csi-driver-spiffe-approver', `--replicas=${replicas}`)

const ofWorkloads = ['SVIDExpiringSoon', 'SVIDExpired', 'SVIDMountStale']
/** What a driver leaves behind that cannot mount a volume again: it takes the mounts away, and containers keep theirs. */
const ofMounts = ['SVIDMountGone', 'SVIDMountDetached']

/**
 * An hour of incidents, with SVIDs of 5 minutes. A renewal is due after 200 s and counts as missed after 227 s, so an incident shows
 * within 4 minutes.
 */
export const steps: readonly Step[] = [
  { name: 'nothing', minutes: 3, act: () => startFleet('5m') },
  {
    name: 'the issuer is not Ready',
    minutes: 5,
    act: breakIssuer,
    fires: { SVIDIssuanceDown: 1 },
  },
  {
    name: 'the driver is restarted meanwhile',
    minutes: 2,
    act: restartDriver,
    mayFire: ['SVIDMountGone'],
  },
  {
    // The kubelet mounts the volumes again within two minutes, beside the mounts that the containers keep.
    name: 'the issuer is back',
    minutes: 5,
    act: healIssuer,
    fires: { SVIDMountDetached: pods },
    mayFire: [...ofWorkloads, ...ofMounts],
  },
  { name: 'the pods are replaced, because their mounts are detached', minutes: 3, act: replacePods },
  {
    name: 'the driver is restarted again',
    minutes: 7,
    act: restartDriver,
    fires: { SVIDExpiringSoon: pods, SVIDMountStale: pods },
    mayFire: ofWorkloads,
  },
  { name: 'the pods are replaced', minutes: 3, act: replacePods, ends: true },
  {
    // Until each SVID is renewed, the bundles have the new CA only.
    name: 'the CA is rotated',
    minutes: 6,
    act: rotateCa,
    fires: { SVIDRefusedByPeers: 1 },
    ends: true,
  },
  {
    name: 'the approver is gone',
    minutes: 5,
    act: () => scaleApprover(0),
    fires: { SVIDIssuanceDown: 1 },
  },
  { name: 'the approver is back', minutes: 7, act: () => scaleApprover(1), ends: true },
  {
    name: 'the driver has a wrong trust domain',
    minutes: 6,
    act: () => setDriverTrustDomain('wrong.example'),
    fires: { SVIDIssuanceDown: 1 },
    mayFire: [...ofWorkloads, ...ofMounts, 'SPIREAttestationFailureSpike'],
  },
  {
    name: 'the driver has the right trust domain, and the pods are replaced',
    minutes: 4,
    act: async () => {
      await setDriverTrustDomain('example.org')
      await replacePods()
    },
    mayFire: [...ofWorkloads, ...ofMounts, 'SPIREAttestationFailureSpike'],
  },
  {
    name: 'the API server is stopped',
    minutes: 6,
    act: () => hook('STOP_API_SERVER'),
    fires: { SVIDExpiringSoon: pods },
    mayFire: ['SVIDExpired'],
  },
  {
    // Drivers ask again up to 6 minutes after it is back.
    name: 'the API server is back',
    minutes: 8,
    act: () => hook('START_API_SERVER'),
    mayFire: [...ofWorkloads, 'SVIDIssuanceDown'],
    ends: true,
  },
]

/** Undoes what the steps have changed. */
export async function restore(): Promise<void> {
  await healIssuer()
  await scaleApprover(1)
  await setDriverTrustDomain('example.org')
  await deleteFleet()
}
