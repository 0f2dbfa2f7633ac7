import { minuteMs, renewAfterMs, type Pod, type World } from './world.ts'

/** The thing that is wrong with a pod; '' if nothing is. */
export type Illness = '' | 'expired' | 'dead mount' | 'detached mount' | 'not reloaded' | 'forgotten' | 'not renewed'

/** What a pod uses is older than the newest SVID that there is, or will be, because its mount is another one. A driver asks within seconds. */
export function illnessOf(pod: Pod, { nowMs }: World): Illness {
  if (pod.startedMs === undefined || pod.isGone) return ''
  if (pod.hasExpiredSvid) return 'expired'
  if (pod.detachedMs !== undefined) return 'detached mount'
  if (pod.heldMs < pod.issuedMs) return 'dead mount'
  if (pod.isForgotten && nowMs - pod.issuedMs > renewAfterMs) return 'forgotten'
  if (nowMs - pod.issuedMs > renewAfterMs + minuteMs) return 'not renewed'
  if (!pod.owner.reloads && pod.servedMs < pod.heldMs) return 'not reloaded'
  return ''
}

/** What keeps a new pod from starting, or from being well for the most of the lifetime of an SVID. */
export function obstaclesTo({ owner, node }: Pod, world: World): readonly unknown[] {
  const { issuer, startsNoMore, isDenied, isFlapping } = owner
  const nodes = owner.isPinned ? [node] : world.nodes
  return [
    ...(issuer.works && !issuer.signsExpired ? [] : [issuer]),
    ...(world.isTrustBroken ? [world] : []),
    ...(startsNoMore || isDenied || isFlapping ? [owner] : []),
    ...nodes.filter(({ isDriverBroken, isAgentReady }) => isDriverBroken || !isAgentReady),
  ]
}

/** Whether a restart heals the pod: something is wrong with it that a new pod would not have. */
export function isHealedByRestart(pod: Pod, world: World): boolean {
  const illness = illnessOf(pod, world)
  return illness !== '' && illness !== 'not renewed' && obstaclesTo(pod, world).length === 0
}

/** Whether the pod may be restarted at all. */
export const isTouchable = ({ owner }: Pod): boolean =>
  owner.untouchable === '' && owner.label !== 'never' && (owner.label === 'allowed' || owner.isAllowedNamespace)

/** Whether anything could show the illness: only a probe shows what a server presents. */
export const isVisible = (pod: Pod, world: World): boolean =>
  illnessOf(pod, world) !== 'not reloaded' || pod.owner.isProbed
