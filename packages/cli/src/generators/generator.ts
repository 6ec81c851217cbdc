import type { Client, Discovery, DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';

/** What a generator makes an object of. */
export interface GeneratorTask<Flags> {
  readonly context: CommandContext;
  readonly client: Client;
  readonly discovery: Discovery;
  readonly name: string;
  /** What was typed after `--`: a command that a container runs. */
  readonly command: readonly string[];
  readonly flags: Flags;
}

/** Makes an object of flags, without a namespace. Errors: `CommandError` for flags that make none. */
export type Generator<Flags> = (
  task: GeneratorTask<Flags>,
) => DynamicObject | Promise<DynamicObject>;
