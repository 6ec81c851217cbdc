import { messageOf } from '@fairway/host';
import type { AcceptRules } from '@fairway/proxy';
import { CommandError } from '../command-error.ts';

/** The flags of `proxy` that say which requests are let through, by where they come from and lead. */
export interface AcceptFlags {
  readonly acceptHosts: string;
  readonly acceptPaths: string;
  readonly acceptOrigins: string;
  readonly allowOrigin: readonly string[];
  readonly rejectPaths: string;
  readonly rejectMethods: string;
  readonly disableFilter?: boolean;
}

/** Undefined: all of them. Errors: `CommandError` that names the flag. */
export function acceptRules(flags: AcceptFlags): AcceptRules | undefined {
  if (flags.disableFilter === true) return undefined;
  return {
    acceptHosts: expressions('--accept-hosts', flags.acceptHosts),
    acceptPaths: expressions('--accept-paths', flags.acceptPaths),
    acceptOrigins: acceptedOrigins(flags),
    rejectPaths: expressions('--reject-paths', flags.rejectPaths),
    rejectMethods: expressions('--reject-methods', flags.rejectMethods),
  };
}

/** Sites whose pages may send requests and read the answers, by name and by expression. Errors: `CommandError`. */
export function acceptedOrigins(flags: AcceptFlags): readonly RegExp[] {
  return [
    ...flags.allowOrigin.map(exactOrigin),
    ...expressions('--accept-origins', flags.acceptOrigins),
  ];
}

function exactOrigin(text: string): RegExp {
  const origin = URL.parse(text)?.origin;
  if (origin === undefined || origin !== text.toLowerCase() || origin === 'null') {
    throw new CommandError(
      `cannot use --allow-origin ${JSON.stringify(text)}: write what a browser sends, as in https://app.example or http://localhost:3000`,
    );
  }
  return new RegExp(`^${origin.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`);
}

function expressions(flag: string, list: string): readonly RegExp[] {
  if (list === '') return [];
  return list.split(',').map((text) => {
    try {
      return new RegExp(text);
    } catch (cause) {
      const why = messageOf(cause);
      throw new CommandError(
        `cannot use ${flag}: ${why}; write regular expressions, separated by commas`,
        { cause },
      );
    }
  });
}
