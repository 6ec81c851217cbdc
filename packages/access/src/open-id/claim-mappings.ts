import { CostExceeded, Failure, type Program, type Value } from '@fairway/cel';
import type { UserInfo } from '@fairway/protocol';
import type { Claims } from './verify-id-token.ts';

/** How the claims of a token become a user. Source: AuthenticationConfiguration, `claimMappings`. */
export interface ClaimMappings {
  readonly username: ClaimMapping;
  readonly groups?: ClaimMapping;
  readonly uid?: ClaimMapping;
  readonly extra: readonly (Expression & { readonly key: string })[];
}

export type ClaimMapping =
  | { readonly kind: 'claim'; readonly claim: string; readonly prefix: string }
  /** Of `claims`. */
  | (Expression & { readonly kind: 'expression' });

export interface Expression {
  readonly text: string;
  readonly program: Program;
}

/** What must hold, and what to say where it does not. */
export type ValidationRule =
  | { readonly kind: 'claim'; readonly claim: string; readonly requiredValue: string }
  | (Expression & { readonly kind: 'expression'; readonly message: string });

export interface ClaimRules {
  readonly mappings: ClaimMappings;
  readonly claimRules: readonly ValidationRule[];
  /** Of `user`. */
  readonly userRules: readonly ValidationRule[];
}

/** Claims that make no user; the message is for the log. */
export class ClaimsRefused extends Error {}

/** The user that verified claims stand for. Throws `ClaimsRefused`. */
export function userOfClaims(claims: Claims, rules: ClaimRules): UserInfo {
  const { mappings, claimRules, userRules } = rules;
  const user = mapUser(claims, mappings);
  for (const rule of claimRules) {
    if (rule.kind === 'claim') requireClaim(claims, rule);
    else requireTrue(rule, { claims: claims as Value });
  }
  for (const rule of userRules) {
    if (rule.kind === 'expression') requireTrue(rule, { user: userValue(user) });
  }
  return user;
}

function mapUser(claims: Claims, { username, groups, uid, extra }: ClaimMappings): UserInfo {
  const name = textFrom(claims, username, 'username');
  const prefix = username.kind === 'claim' ? username.prefix : '';
  if (name === prefix) throw new ClaimsRefused('the username is empty');
  if (username.kind === 'claim' && username.claim === 'email') requireVerifiedEmail(claims);
  const id = uid === undefined ? '' : textFrom(claims, uid, 'uid');
  const extras = extra.flatMap(({ key, program }) => {
    const values = textsIn(evaluate(program, { claims: claims as Value }), `extra ${key}`);
    return values.length === 0 ? [] : [[key, values] as const];
  });
  return {
    username: name,
    ...(id === '' ? {} : { uid: id }),
    groups: groups === undefined ? [] : groupsFrom(claims, groups),
    ...(extras.length === 0 ? {} : { extra: Object.fromEntries(extras) }),
  };
}

function textFrom(claims: Claims, mapping: ClaimMapping, what: string): string {
  if (mapping.kind === 'expression') {
    const value = evaluate(mapping.program, { claims: claims as Value });
    if (typeof value === 'string') return value;
    throw new ClaimsRefused(`the expression of ${what} comes to no text`);
  }
  const value = claimOf(claims, mapping.claim);
  if (typeof value === 'string') return mapping.prefix + value;
  throw new ClaimsRefused(`the claim ${mapping.claim} of ${what} is missing, or no text`);
}

function groupsFrom(claims: Claims, mapping: ClaimMapping): readonly string[] {
  if (mapping.kind === 'expression') {
    return textsIn(evaluate(mapping.program, { claims: claims as Value }), 'groups');
  }
  const value = claimOf(claims, mapping.claim);
  const names =
    value === undefined || value === null ? [] : typeof value === 'string' ? [value] : value;
  if (!isTexts(names))
    throw new ClaimsRefused(`the claim ${mapping.claim} holds no names of groups`);
  return names.map((name) => mapping.prefix + name);
}

/** A claim `email` that says of itself that nobody has verified it proves nothing. */
function requireVerifiedEmail(claims: Claims): void {
  const isVerified = claimOf(claims, 'email_verified');
  if (isVerified !== undefined && isVerified !== true) {
    throw new ClaimsRefused('the claim email is not verified');
  }
}

function requireClaim(claims: Claims, rule: ValidationRule & { kind: 'claim' }): void {
  if (claimOf(claims, rule.claim) !== rule.requiredValue) {
    throw new ClaimsRefused(`the claim ${rule.claim} has not the required value`);
  }
}

function requireTrue(
  { program, message }: ValidationRule & { kind: 'expression' },
  variables: Readonly<Record<string, Value>>,
): void {
  if (evaluate(program, variables) !== true) throw new ClaimsRefused(message);
}

function evaluate(program: Program, variables: Readonly<Record<string, Value>>): Value {
  try {
    const { result } = program.evaluate(variables);
    if (!(result instanceof Failure)) return result;
    throw new ClaimsRefused(`an expression has no value: ${result.message}`);
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    throw new ClaimsRefused('an expression costs more than it may', { cause: error });
  }
}

function textsIn(value: Value, what: string): readonly string[] {
  if (value === null || value === '') return [];
  const list = typeof value === 'string' ? [value] : value;
  if (isTexts(list)) return list.filter((each) => each !== '');
  throw new ClaimsRefused(`the expression of ${what} comes to no texts`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** As JSON has it: what is empty is not there. */
function userValue({ username, uid, groups, extra }: UserInfo): Value {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
