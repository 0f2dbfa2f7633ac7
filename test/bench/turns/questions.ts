import { scrapeOver } from '../httpScrape.ts'
import { namespaceName } from '../workloads.ts'

/** What svidwatch can be asked for, by name. */
export type Questions = Readonly<Record<string, () => Promise<unknown>>>

/** As many copies as a page can have. */
const limit = 1000

interface Page {
  readonly continue?: string
}

/** Everything that the cluster role at `url` answers; the pages of SVIDs are those of what it shows now. */
export async function questionsFor(url: string): Promise<Questions> {
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`)
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`)
    return answer.json()
  }
  const svids = (query: string) => get(`/api/v1/svids?limit=${limit}${query}`)
  const [middle, last] = await middleAndLast(async (token) => (await svids(token)) as Page)
  return {
    '/metrics': () => scrapeOver(url, 'identity'),
    '/metrics, compressed': () => scrapeOver(url, 'gzip'),
    '/api/v1/status': () => get('/api/v1/status'),
    'the first page of /api/v1/svids': () => svids(''),
    'a page in the middle': () => svids(middle),
    'the last page': () => svids(last),
    'a page of one namespace': () => svids(`&namespace=${namespaceName(0)}`),
    'a page of the expired ones': () => svids('&state=expired'),
    'the most urgent problems': () => get(`/api/v1/problems?limit=${limit}`),
  }
}

/** Walks through all pages; answers what of a query leads to the one in the middle and to the last one. */
async function middleAndLast(page: (token: string) => Promise<Page>): Promise<readonly [string, string]> {
  const tokens = ['']
  for (let next = await page(''); next.continue !== undefined; next = await page(tokens.at(-1) ?? ''))
    tokens.push(`&continue=${next.continue}`)
  return [tokens[Math.floor(tokens.length / 2)] ?? '', tokens.at(-1) ?? '']
}
