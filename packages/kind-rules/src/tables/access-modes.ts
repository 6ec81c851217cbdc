const modeNames: ReadonlyMap<string, string> = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]);

/**
 * `RWO,ROX`: how a volume may be mounted, each way once and always in the same order.
 * Source: kube-apiserver printers, GetAccessModesAsString.
 */
export function accessModesText(modes: readonly string[] = []): string {
  const short = [...modeNames].flatMap(([mode, name]) => (modes.includes(mode) ? name : []));
  return short.join(',');
}
