import { measureAuthorizing } from './authorizing.ts';

/** Who is asking, and may they: what that costs each request. */
export async function runAccessBench(): Promise<void> {
  await measureAuthorizing();
}
