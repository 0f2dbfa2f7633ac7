import type { Alert, Labels, Notification } from '../../notifications/support/receiver.ts'

/** An alert that begins or ends for whoever is notified of it. */
export interface Notice {
  readonly receiver: string
  readonly alert: string
  readonly is: 'firing' | 'resolved'
  /** What the alert is about. */
  readonly subject: string
  readonly summary: string
}

/** Turns notifications, which repeat what goes on, into what is new in each. */
export class Notices {
  readonly #firing = new Map<string, Notice>()

  /** The alerts that have woken somebody and are not over. */
  get pages(): readonly Notice[] {
    return this.#firing
      .values()
      .filter(({ receiver }) => receiver === 'on-call')
      .toArray()
  }

  /** Returns what a notification says that was not known before. */
  take({ receiver, alerts }: Notification): readonly Notice[] {
    return alerts.flatMap((alert) => this.#news(alert, receiver))
  }

  #news({ status, labels, annotations }: Alert, receiver: string): readonly Notice[] {
    const key = JSON.stringify(Object.entries(labels).sort())
    if (this.#firing.has(key) === (status === 'firing')) return []
    const subject = subjectOf(labels)
    const { alertname: alert = '' } = labels
    const notice = { receiver, alert, is: status, subject, summary: annotations['summary'] ?? '' }
    if (status === 'firing') this.#firing.set(key, notice)
    else this.#firing.delete(key)
    return [notice]
  }
}

const subjectOf = ({ namespace, pod, issuer, source, node, trust_domain: trustDomain }: Labels): string =>
  namespace && pod ? `${namespace}/${pod}` : (namespace ?? issuer ?? source ?? node ?? trustDomain ?? '')
