import { type Environment, type Program, type Type, boolType, compileAs } from '@fairway/cel';
import type { ClaimMapping, ClaimMappings, ClaimRules, ValidationRule } from './claim-mappings.ts';
import type { ConfigurationReader } from './configuration-reader.ts';

export interface RuleEnvironments {
  readonly claims: Environment;
  readonly user: Environment;
}

/**
 * Reads how the claims of one issuer become a user, and what must hold. Expressions are compiled.
 *
 * Source: apiserver, apis/apiserver/validation.
 */
export function readRules(
  reader: ConfigurationReader,
  { claims, user }: RuleEnvironments,
): ClaimRules {
  const claimRules = readClaimRules(reader, claims);
  const mappings = reader.object('claimMappings', (each) => readMappings(each, claims));
  reader.require('claimMappings', mappings !== undefined);
  checkEmail(reader, mappings, claimRules);
  const userRules = readUserRules(reader, user);
  return { mappings: mappings ?? noMappings, claimRules, userRules };
}

const noMappings: ClaimMappings = {
  username: { kind: 'claim', claim: '', prefix: '' },
  extra: [],
};

/** An address that nobody has verified proves nothing, so an expression that uses it looks at that too. */
function checkEmail(
  reader: ConfigurationReader,
  mappings: ClaimMappings | undefined,
  claimRules: readonly ValidationRule[],
): void {
  const { username, extra = [] } = mappings ?? {};
  if (username?.kind !== 'expression' || !/\bclaims\s*\.\s*\??\s*email\b/.test(username.text))
    return;
  const rules = claimRules.filter((rule) => rule.kind === 'expression');
  const texts = [username, ...extra, ...rules].map(({ text }) => text);
  if (texts.some((text) => /\bclaims\s*\.\s*\??\s*email_verified\b/.test(text))) return;
  const places =
    'claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression';
  const why = `claims.email_verified must be used in ${places} when claims.email is used in claimMappings.username.expression`;
  reader.refuse('claimMappings.username.expression', username.text, why);
}

function readMappings(reader: ConfigurationReader, claims: Environment): ClaimMappings {
  const username = reader.object('username', (each) => readMapping(each, claims, true));
  reader.require('username', username !== undefined, 'claim or expression is required');
  const groups = reader.object('groups', (each) => readMapping(each, claims, true));
  const uid = reader.object('uid', (each) => readMapping(each, claims, false));
  const extra = reader.objects('extra', (each) => {
    const key = each.text('key');
    checkExtraKey(each, key);
    const program = readProgram(each, 'valueExpression', claims, []);
    return { key, text: each.text('valueExpression'), program };
  });
  reader.requireUnique(
    'extra',
    '.key',
    extra.map(({ key }) => key),
  );
  return {
    username: username ?? noMappings.username,
    ...(groups === undefined ? {} : { groups }),
    ...(uid === undefined ? {} : { uid }),
    extra: extra.flatMap(({ program, ...each }) =>
      program === undefined ? [] : [{ ...each, program }],
    ),
  };
}

function readMapping(
  reader: ConfigurationReader,
  claims: Environment,
  hasPrefix: boolean,
): ClaimMapping {
  const [claim, expression] = [reader.text('claim'), reader.text('expression')];
  const prefix = hasPrefix ? reader.optionalText('prefix') : '';
  if (claim !== '' && expression !== '') {
    reader.refuse('claim', claim, "claim and expression can't both be set");
  }
  reader.require('claim', claim !== '' || expression !== '', 'claim or expression is required');
  if (expression === '') {
    const why =
      'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
    if (claim !== '') reader.require('prefix', prefix !== undefined, why);
    return { kind: 'claim', claim, prefix: prefix ?? '' };
  }
  if (hasPrefix && prefix !== undefined) {
    reader.refuse('prefix', prefix, 'may not be specified when expression is set');
  }
  const program = readProgram(reader, 'expression', claims, []);
  return program === undefined
    ? noMappings.username
    : { kind: 'expression', text: expression, program };
}

/** Source: apimachinery, util/validation, IsDomainPrefixedPath. */
const domainPrefixedPath =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[\w./~!$&'()*+,;=:@%-]+$/;

function checkExtraKey(reader: ConfigurationReader, key: string): void {
  reader.require('key', key !== '');
  if (key === '') return;
  if (key !== key.toLowerCase()) reader.refuse('key', key, 'must be lowercase');
  else if (!domainPrefixedPath.test(key)) {
    reader.refuse('key', key, 'must be a domain-prefixed path (such as "acme.io/foo")');
  }
  if (/^([^/]+\.)?(kubernetes|k8s)\.io\//.test(key)) {
    const why = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
    reader.refuse('key', key, why);
  }
}

function readClaimRules(
  reader: ConfigurationReader,
  claims: Environment,
): readonly ValidationRule[] {
  return reader
    .objects('claimValidationRules', (rule): ValidationRule | undefined => {
      const [claim, expression] = [rule.text('claim'), rule.text('expression')];
      const [requiredValue, message] = [rule.text('requiredValue'), rule.text('message')];
      if (claim !== '' && expression !== '') {
        rule.refuse('claim', claim, "claim and expression can't both be set");
      }
      rule.require('claim', claim !== '' || expression !== '', 'claim or expression is required');
      if (expression === '') {
        if (message !== '')
          rule.refuse('message', message, 'may not be specified when claim is set');
        return { kind: 'claim', claim, requiredValue };
      }
      if (requiredValue !== '') {
        rule.refuse('requiredValue', requiredValue, 'may not be specified when expression is set');
      }
      return readRule(rule, claims, { expression, message });
    })
    .filter((rule) => rule !== undefined);
}

function readUserRules(reader: ConfigurationReader, user: Environment): readonly ValidationRule[] {
  return reader
    .objects('userValidationRules', (rule) => {
      const [expression, message] = [rule.text('expression'), rule.text('message')];
      return readRule(rule, user, { expression, message });
    })
    .filter((rule) => rule !== undefined);
}

function readRule(
  reader: ConfigurationReader,
  environment: Environment,
  { expression, message }: { readonly expression: string; readonly message: string },
): ValidationRule | undefined {
  const program = readProgram(reader, 'expression', environment, [boolType]);
  if (program === undefined) return undefined;
  const said = message === '' ? `validation expression '${expression}' failed` : message;
  return { kind: 'expression', text: expression, program, message: said };
}

function readProgram(
  reader: ConfigurationReader,
  name: string,
  environment: Environment,
  types: readonly Type[],
): Program | undefined {
  const text = reader.text(name);
  reader.require(name, text.trim() !== '');
  if (text.trim() === '') return undefined;
  const compiled = compileAs(environment, text, types);
  if (compiled.kind === 'compiled') return compiled.program;
  reader.refuse(name, text, compiled.problem);
  return undefined;
}
