import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { createMountedSvids } from '../../src/sources/mountedSvids/mountedSvids.ts'
import type { VolumePaths } from '../../src/sources/mountedSvids/layout.ts'
import { KubeletFolder } from './kubeletFolder.ts'
import { StartedSource } from './startedSource.ts'
import { createTestCa, leafUsage, type TestCa } from './testCa.ts'

export const podUid = '8b12dd94-2819-422c-ae2c-e4a9f272ea9c'
export const web = 'spiffe://example.org/ns/team-a/sa/web'

/** Returns the end of a certificate: `minutes` after the start of 2026. */
export const endMs = (minutes: number) => Date.UTC(2026, 0, 1, 0, minutes)

/** A kubelet's folder, the CA that issues the SVIDs in its volumes, and the source that watches them. */
export class MountedSvidsWorld {
  readonly kubelet: KubeletFolder
  readonly ca: TestCa
  #source: StartedSource | undefined

  private constructor(kubelet: KubeletFolder, ca: TestCa) {
    this.kubelet = kubelet
    this.ca = ca
  }

  static async create(): Promise<MountedSvidsWorld> {
    return new MountedSvidsWorld(await KubeletFolder.create(), await createTestCa())
  }

  /** Returns the files that the driver writes for a new SVID. */
  async files(endMinute = 60): Promise<{ 'tls.crt': string; 'tls.key': string; 'ca.crt': string }> {
    const period = { notBefore: new Date(endMs(0)), notAfter: new Date(endMs(endMinute)) }
    const { certificatePem } = await this.ca.issue({ uris: [web], ...period, usage: leafUsage })
    return { 'tls.crt': certificatePem, 'tls.key': 'not a key', 'ca.crt': this.ca.certificatePem }
  }

  /** Creates a volume as the driver publishes it. */
  async mountedVolume(volume = 'spiffe'): Promise<VolumePaths> {
    const paths = await this.kubelet.addVolume(podUid, volume)
    await this.kubelet.write(paths, await this.files())
    return paths
  }

  async start(kubeletRoot?: string, places?: number): Promise<StartedSource> {
    const source = this.startLooking(kubeletRoot, places)
    await source.seconds(0)
    return source
  }

  /** Starts the source, and does not wait for its first look. `places`: how many calls to file systems may be under way. */
  startLooking(kubeletRoot = this.kubelet.root, places?: number): StartedSource {
    const { name, ...files } = spiffeDriver
    this.#source = new StartedSource(
      (clock, calls) => createMountedSvids({ clock, files: calls, kubeletRoot, drivers: [name], ...files }),
      places,
    )
    return this.#source
  }

  async close(): Promise<void> {
    await this.#source?.close()
    await this.kubelet.remove()
  }
}
