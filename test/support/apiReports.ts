import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import type { Observation, Report } from '../../src/ledger/observations.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import type { CertificateRequest } from '../../src/world/certificateRequest.ts'

/** Reports what an API server has, in versions that increase. */
export class ApiReports {
  readonly #report: Report
  #version = 1

  constructor(report: Report) {
    this.#report = report
  }

  list(source: SourceName, objects: readonly Observation[]): void {
    this.#report({ kind: 'listing', source })
    for (const object of objects) this.#report(object)
    this.#report({ kind: 'listed', source, resourceVersion: this.#nextVersion() })
    this.#report({ kind: 'contact', source })
  }

  /** Deletes the request `before`, if there is one, and creates another one to the ClusterIssuer, in this order, as csi-lib does. */
  replaceRequest(before: string | undefined, object: CertificateRequest, issuer: string): RequestObservation {
    if (before !== undefined)
      this.#report({ kind: 'requestDeleted', uid: before, resourceVersion: this.#nextVersion() })
    const { metadata, spec } = object
    const issuerRef = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: issuer }
    const version = { uid: metadata.name, resourceVersion: this.#nextVersion() }
    const request = projectRequest({
      ...object,
      metadata: { ...metadata, ...version },
      spec: { ...spec, issuerRef },
    })?.request
    if (request === undefined) throw new Error(`the CertificateRequest ${metadata.name} does not ask for an SVID`)
    this.#report({ kind: 'request', change: 'added', listed: false, request })
    return request
  }

  #nextVersion(): string {
    this.#version += 1
    return String(this.#version)
  }
}
