/**
 * `a,b,c + 2 more...`: the first three, and how many follow.
 * Source: kube-apiserver printers, formatEndpoints.
 */
export function listWithMore(items: readonly string[]): string {
  const shown = items.slice(0, shownMax).join(',');
  return items.length > shownMax ? `${shown} + ${items.length - shownMax} more...` : shown;
}

const shownMax = 3;
