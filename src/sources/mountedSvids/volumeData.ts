/** Returns the driver that a volume's `vol_data.json` names; undefined if the text is malformed. */
export function driverFromVolumeData(text: string): string | undefined {
  try {
    const data: unknown = JSON.parse(text)
    if (typeof data !== 'object' || data === null || !('driverName' in data)) return undefined
    return typeof data.driverName === 'string' ? data.driverName : undefined
  } catch {
    return undefined
  }
}
