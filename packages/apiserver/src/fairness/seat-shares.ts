/** What a priority level says about its part of the server. */
export interface LevelShares {
  readonly shares: number;
  /** How much of its part others may have while it does not need it. */
  readonly lendablePercent: number;
  /** How much it may have beyond its part; undefined: whatever there is. */
  readonly borrowingLimitPercent: number | undefined;
}

/** Seats that a level has by its shares, and between which bounds these move. */
export interface SeatBounds {
  readonly nominal: number;
  readonly least: number;
  readonly most: number;
}

/** Divides the seats of a server by shares. Source: KEP-1040, NominalCL, MinCL and MaxCL. */
export function seatBounds<Name>(
  levels: ReadonlyMap<Name, LevelShares>,
  seatsTotal: number,
): ReadonlyMap<Name, SeatBounds> {
  let sharesTotal = 0;
  for (const { shares } of levels.values()) sharesTotal += shares;
  const bounds = new Map<Name, SeatBounds>();
  for (const [name, { shares, lendablePercent, borrowingLimitPercent }] of levels) {
    const nominal = sharesTotal === 0 ? 0 : Math.ceil((seatsTotal * shares) / sharesTotal);
    const borrowed =
      borrowingLimitPercent === undefined
        ? seatsTotal
        : Math.round((nominal * borrowingLimitPercent) / 100);
    const least = nominal - Math.round((nominal * lendablePercent) / 100);
    bounds.set(name, { nominal, least, most: nominal + borrowed });
  }
  return bounds;
}

/** What a level has asked for lately. */
export interface LevelDemand extends SeatBounds {
  /** Seats, smoothed over some minutes. */
  readonly smoothed: number;
  /** The most seats at any moment since the last time. */
  readonly highest: number;
}

/**
 * Which seats each level has until the next time: no level less than it keeps for itself or, within its
 * nominal part, has just needed; what is left in proportion to what each asks for.
 *
 * Source: KEP-1040, CurrentCL and the fair fraction.
 */
export function shareSeats<Name>(
  levels: ReadonlyMap<Name, LevelDemand>,
  seatsTotal: number,
): ReadonlyMap<Name, number> {
  const claims = [...levels].map(([name, level]) => claimOf(name, level));
  const seats = (fraction: number): number =>
    claims.reduce((sum, claim) => sum + granted(claim, fraction), 0);
  const leastTotal = claims.reduce((sum, { least }) => sum + least, 0);
  // Parts are rounded up, so that together they may be more than there is.
  const fraction = seats(fractionMax) <= seatsTotal ? fractionMax : solve(seats, seatsTotal);
  return new Map(
    claims.map((claim) => [
      claim.name,
      leastTotal >= seatsTotal ? claim.least : Math.round(granted(claim, fraction)),
    ]),
  );
}

interface Claim<Name> {
  readonly name: Name;
  readonly least: number;
  readonly most: number;
  readonly target: number;
}

function claimOf<Name>(name: Name, level: LevelDemand): Claim<Name> {
  const least = Math.max(level.least, Math.min(level.nominal, level.highest));
  return { name, least, most: level.most, target: Math.max(least, level.smoothed, 1) };
}

function granted({ least, most, target }: Claim<unknown>, fraction: number): number {
  return Math.min(most, Math.max(least, fraction * target));
}

/** Where whoever may have everything has it. */
const fractionMax = 1e6;

/** The fraction at which as many seats are given as there are: they grow with it. */
function solve(seats: (fraction: number) => number, seatsTotal: number): number {
  let [low, high] = [0, fractionMax];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (seats(middle) > seatsTotal) high = middle;
    else low = middle;
  }
  return low;
}
