import { readFile } from 'node:fs/promises'
import { requestsOf, type AuditedRequest, type ServiceAccount } from './auditedRights.ts'

/** The API server's audit log, in which each request of a service account is a line; undefined where there is none to read. */
export const auditLogFile = process.env['SVIDWATCH_TEST_AUDIT_LOG']

/** Returns what a service account has asked for since then. */
export async function requestsSince(sinceMs: number, account: ServiceAccount): Promise<readonly AuditedRequest[]> {
  const log = await readFile(auditLogFile ?? '', 'utf8')
  return requestsOf(account, log).filter(({ receivedMs }) => receivedMs >= sinceMs)
}
