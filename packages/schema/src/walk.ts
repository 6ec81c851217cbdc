/** Walks and the searches of patterns are counted together. */
export { Effort } from '@fairway/cel/patterns';

/**
 * Work whose length a caller's data decides, as a generator: it pauses where the one that runs it may
 * let others have a turn.
 */
export type Walk<T> = Generator<undefined, T, undefined>;
