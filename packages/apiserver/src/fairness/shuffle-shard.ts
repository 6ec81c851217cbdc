/**
 * Deals each flow a hand of queues, always the same ones, so that two flows rarely share all of theirs.
 * Source: KEP-1040, shuffle sharding.
 */
export class ShuffleShard {
  readonly #queues: number;
  readonly #handSize: number;
  readonly #hands = new Map<string, readonly number[]>();

  /** `handSize` queues out of `queues`. */
  constructor({ queues, handSize }: { readonly queues: number; readonly handSize: number }) {
    this.#queues = queues;
    this.#handSize = Math.min(handSize, queues);
  }

  /** Distinct queues, by their indices. */
  handOf(flow: string): readonly number[] {
    const known = this.#hands.get(flow);
    if (known !== undefined) return known;
    const hand = this.#deal(flow);
    if (this.#hands.size >= handsMax) this.#hands.clear();
    this.#hands.set(flow, hand);
    return hand;
  }

  #deal(flow: string): readonly number[] {
    const next = hashedNumbers(flow);
    const hand: number[] = [];
    while (hand.length < this.#handSize) {
      let card = next() % (this.#queues - hand.length);
      // The card is counted among those that are left.
      for (const taken of [...hand].sort((one, other) => one - other)) if (card >= taken) card++;
      hand.push(card);
    }
    return hand;
  }
}

/** Hands that are remembered; then all are dealt anew, which gives the same ones. */
const handsMax = 4_096;

/** Numbers that a text decides: FNV-1a, then xorshift. */
function hashedNumbers(text: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  if (state === 0) state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
