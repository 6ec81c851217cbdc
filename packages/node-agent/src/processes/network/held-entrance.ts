import type { BackendChoice } from './backend-choice.ts';
import type { ServiceEntrance } from './service-entrance.ts';

/** An entrance as it is now, and what it remembers of its clients, whatever becomes of its backends. */
export interface HeldEntrance {
  now: ServiceEntrance;
  readonly choice: BackendChoice;
}

/** Where somebody may come in. */
export interface OpenEntrance extends AsyncDisposable {
  /** Lets go of what nobody has used for a while, and of what leads to backends that are gone. */
  sweep(): void;
}
