/** Events as they arrive: one by one, or in the groups in which they came. */
interface Stream<Event> extends AsyncIterable<Event> {
  batches(): AsyncGenerator<readonly Event[], void, undefined>;
}

/** A stream whose code is loaded when its first event is requested. */
export function lateStream<Event>(load: () => Promise<Stream<Event>>): Stream<Event> {
  async function* batches(): AsyncGenerator<readonly Event[], void, undefined> {
    yield* (await load()).batches();
  }
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}
