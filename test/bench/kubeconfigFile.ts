import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Does `work` with a kubeconfig as a file, which is gone afterwards. */
export async function withKubeconfig<Result>(
  kubeconfig: string,
  work: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-bench-'))
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, kubeconfig)
  try {
    return await work(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
