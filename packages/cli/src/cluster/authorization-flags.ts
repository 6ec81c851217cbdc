import { CommandError } from '../command-error.ts';

/** How a user wants requests authorized, by the flags of a kube-apiserver. */
export interface AuthorizationFlags {
  readonly authorizationMode?: readonly string[];
}

/** The modes that need nothing more. */
export type PlainMode = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny';

const plainModes: readonly string[] = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny'];

/** Errors: `CommandError` for modes that do not exist here, or come twice. */
export function parseAuthorizationModes(modes: readonly string[]): readonly PlainMode[] {
  for (const [at, mode] of modes.entries()) {
    if (!plainModes.includes(mode))
      throw refuse(`${quote(mode)} is not one of ${plainModes.join(', ')}`);
    if (modes.indexOf(mode) !== at) throw refuse(`${quote(mode)} comes more than once`);
  }
  return modes as readonly PlainMode[];
}

function refuse(why: string): CommandError {
  return new CommandError(`cannot use --authorization-mode: ${why}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
