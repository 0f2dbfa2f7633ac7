/** What anybody can ask for on server.port, with the largest answers there are. */
export interface Route {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export const routes: readonly Route[] = [
  { name: '/metrics', path: '/metrics' },
  { name: '/metrics, compressed', path: '/metrics', headers: { 'accept-encoding': 'gzip' } },
  { name: '/api/v1/svids', path: '/api/v1/svids?limit=1000' },
  { name: '/api/v1/problems', path: '/api/v1/problems?limit=1000' },
  { name: '/api/v1/status', path: '/api/v1/status' },
  { name: '/', path: '/' },
  { name: 'a path that is not there', path: '/nothing' },
]
