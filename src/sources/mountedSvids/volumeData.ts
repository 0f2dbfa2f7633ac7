/** The driver that a volume's `vol_data.json` names; undefined where the text is not what the kubelet writes. */
export function driverFromVolumeData(text: string): string | undefined {
  try {
    const data: unknown = JSON.parse(text)
    if (typeof data !== 'object' || data === null || !('driverName' in data)) return undefined
    return typeof data.driverName === 'string' ? data.driverName : undefined
  } catch {
    return undefined
  }
}
