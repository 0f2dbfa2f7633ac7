/**
 * Parses the text of /proc/self/mountinfo (proc(5)). Returns for each mount point its mounts as `<mount id> <device> <root>`,
 * separated by commas if several are on top of each other. Equal strings mean the same mounts.
 */
export function parseMountinfo(text: string): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [mountId, , device, root, escapedPoint] = line.split(' ', 5)
    if (mountId === undefined || device === undefined || root === undefined || escapedPoint === undefined) continue
    const point = unescaped(escapedPoint)
    const below = mounts.get(point)
    const mount = `${mountId} ${device} ${root}`
    mounts.set(point, below === undefined ? mount : `${below}, ${mount}`)
  }
  return mounts
}

/** The kernel writes space, tab, newline and backslash in paths as three octal digits. */
function unescaped(path: string): string {
  if (!path.includes('\\')) return path
  return path.replaceAll(/\\([0-7]{3})/g, (_escape, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
