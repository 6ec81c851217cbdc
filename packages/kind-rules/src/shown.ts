/** How values of objects look to people, in tables and elsewhere. Loads nothing else of this package. */
export type { Shown } from './tables/shown.ts';
export { accessModesText } from './tables/access-modes.ts';
export { elapsedSince } from './tables/elapsed-since.ts';
export { formatAmount } from './tables/format-amount.ts';
export { formatLabels, formatSelector, selectorText } from './tables/format-labels.ts';
export { listWithMore } from './tables/list-with-more.ts';
export { loadBalancerAddresses } from './tables/load-balancer-addresses.ts';
export { withoutNulls } from './tables/without-nulls.ts';
