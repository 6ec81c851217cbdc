import type { SecurityProfile } from '../runtime/container.ts';

interface WrittenProfile {
  readonly type: string;
  readonly localhostProfile?: string;
}

/** A profile as the runtime knows it; undefined for what is none. */
export function profileOf(written: WrittenProfile | undefined): SecurityProfile | undefined {
  switch (written?.type) {
    case 'RuntimeDefault':
      return { kind: 'runtime-default' };
    case 'Unconfined':
      return { kind: 'unconfined' };
    case 'Localhost':
      return { kind: 'localhost', path: written.localhostProfile ?? '' };
    default:
      return undefined;
  }
}
