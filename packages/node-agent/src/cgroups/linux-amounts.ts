/** The least that the kernel knows. */
export const cpuSharesMin = 2;
const cpuSharesMax = 262_144;
const cpuPeriodUs = 100_000;
const cpuQuotaUsMin = 1_000;

/** How much of a busy machine thousandths of a processor are, beside others. Source: kubelet, MilliCPUToShares. */
export function cpuSharesOf(milli: number): number {
  const shares = Math.floor((milli * 1_024) / 1_000);
  return Math.min(Math.max(shares, cpuSharesMin), cpuSharesMax);
}

/** The same for cgroups of version 2. Source: KEP-2254. */
export function cpuWeightOf(shares: number): number {
  return Math.floor(1 + ((shares - 2) * 9_999) / 262_142);
}

/** For how long of each period something may run that is limited to thousandths of a processor; 0: for all of it. */
export function cpuQuotaOf(milli: number): { cpuPeriodUs: number; cpuQuotaUs: number } {
  const quota = Math.floor((milli * cpuPeriodUs) / 1_000);
  return { cpuPeriodUs, cpuQuotaUs: milli === 0 ? 0 : Math.max(quota, cpuQuotaUsMin) };
}

/** The limits of huge pages among amounts, by their size: `2Mi`. */
export function hugepageLimits<Amount>(
  amounts: Iterable<readonly [string, Amount]>,
  bytesOf: (amount: Amount) => number,
): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const [name, amount] of amounts) {
    if (name.startsWith(hugepages)) limits[name.slice(hugepages.length)] = bytesOf(amount);
  }
  return limits;
}

const hugepages = 'hugepages-';
