import {
  type Environment,
  type Program,
  type Type,
  boolType,
  claimsEnvironment,
  compileAs,
  userEnvironment,
} from '@fairway/cel';
import { type FieldError, isJsonObject, tooMany, unsupported } from '@fairway/protocol';
import type { AnonymousAccess } from '../anonymous-access.ts';
import { CertificateAuthorities, CertificateAuthoritiesError } from '../certificate-authorities.ts';
import type { ClaimMapping, ClaimMappings, ValidationRule } from './claim-mappings.ts';
import { ConfigurationReader, describeProblems } from './configuration-reader.ts';
import type { OpenIdIssuer } from './open-id-authenticator.ts';
import { signingAlgorithms } from './verify-id-token.ts';

/** Who may come in besides those whom the cluster knows by itself. */
export interface AuthenticationConfiguration {
  readonly issuers: readonly OpenIdIssuer[];
  /** Absent: nothing is said of it. */
  readonly anonymous?: AnonymousAccess;
}

/** A configuration that cannot be used; the message names each field and what is wrong with it. */
export class AuthenticationConfigurationError extends Error {
  override readonly name = 'AuthenticationConfigurationError';
}

/** Issuers of one configuration. */
const issuersMax = 64;

const apiVersions = ['v1', 'v1beta1'].map((version) => `apiserver.config.k8s.io/${version}`);

/**
 * Reads an AuthenticationConfiguration, and compiles its expressions. Nothing is fetched.
 *
 * `ownIssuers` are those of service accounts, which must not come from elsewhere.
 *
 * Errors: `AuthenticationConfigurationError`.
 * Source: API reference, apiserver.config.k8s.io/v1 AuthenticationConfiguration; apiserver, apis/apiserver/validation.
 */
export function readAuthenticationConfiguration(
  value: unknown,
  ownIssuers: readonly string[],
): AuthenticationConfiguration {
  if (!isJsonObject(value)) throw new AuthenticationConfigurationError('it must be an object');
  const problems: FieldError[] = [];
  const reader = new ConfigurationReader(value, '', problems);
  const [apiVersion, kind] = [reader.text('apiVersion'), reader.text('kind')];
  if (!apiVersions.includes(apiVersion)) {
    reader.complain(unsupported('apiVersion', apiVersion, apiVersions));
  }
  if (kind !== 'AuthenticationConfiguration') {
    reader.complain(unsupported('kind', kind, ['AuthenticationConfiguration']));
  }
  const environments = { claims: claimsEnvironment(), user: userEnvironment() };
  const issuers = reader.objects('jwt', (jwt) => readIssuer(jwt, environments, ownIssuers));
  if (issuers.length > issuersMax) {
    reader.complain(tooMany('jwt', issuers.length, issuersMax));
  }
  reader.requireUnique(
    'jwt',
    '.issuer.url',
    issuers.map(({ url }) => url),
  );
  reader.requireUnique(
    'jwt',
    '.issuer.discoveryURL',
    issuers.map(({ discoveryUrl = '' }) => discoveryUrl),
  );
  const anonymous = reader.object('anonymous', readAnonymous);
  reader.refuseUnread();
  if (problems.length > 0) throw new AuthenticationConfigurationError(describeProblems(problems));
  return { issuers, ...(anonymous === undefined ? {} : { anonymous }) };
}

function readAnonymous(reader: ConfigurationReader): AnonymousAccess {
  const isEnabled = reader.flag('enabled');
  const paths = reader.objects('conditions', (condition) => {
    const path = condition.text('path');
    condition.require('path', path !== '');
    return path;
  });
  if (!isEnabled && paths.length > 0) {
    reader.refuse('conditions', paths, 'enabled should be set to true when conditions are defined');
  }
  if (!isEnabled) return { kind: 'nowhere' };
  return paths.length === 0 ? { kind: 'everywhere' } : { kind: 'paths', paths: new Set(paths) };
}

interface Environments {
  readonly claims: Environment;
  readonly user: Environment;
}

function readIssuer(
  reader: ConfigurationReader,
  { claims, user }: Environments,
  ownIssuers: readonly string[],
): OpenIdIssuer {
  const place = reader.object('issuer', (issuer) => readPlace(issuer, ownIssuers));
  reader.require('issuer', place !== undefined);
  const claimRules = readClaimRules(reader, claims);
  const mappings = reader.object('claimMappings', (each) => readMappings(each, claims));
  reader.require('claimMappings', mappings !== undefined);
  checkEmail(reader, mappings, claimRules);
  const userRules = readUserRules(reader, user);
  const { url = '', audiences = [], ...others } = place ?? {};
  return {
    url,
    audiences,
    ...others,
    algorithms: signingAlgorithms,
    rules: { mappings: mappings ?? noMappings, claimRules, userRules },
  };
}

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

const noMappings: ClaimMappings = {
  username: { kind: 'claim', claim: '', prefix: '' },
  extra: [],
};

function readPlace(reader: ConfigurationReader, ownIssuers: readonly string[]) {
  const url = reader.text('url');
  reader.require('url', url !== '');
  if (url !== '') checkAddress(reader, 'url', url);
  if (ownIssuers.includes(url)) {
    reader.refuse('url', url, 'service accounts of this cluster have this issuer');
  }
  const discoveryUrl = reader.text('discoveryURL');
  if (discoveryUrl !== '') checkAddress(reader, 'discoveryURL', discoveryUrl);
  if (discoveryUrl !== '' && discoveryUrl.replace(/\/+$/, '') === url.replace(/\/+$/, '')) {
    reader.refuse('discoveryURL', discoveryUrl, 'discoveryURL must be different from URL');
  }
  const certificateAuthority = reader.text('certificateAuthority');
  checkAuthority(reader, certificateAuthority);
  return {
    url,
    audiences: readAudiences(reader),
    ...(discoveryUrl === '' ? {} : { discoveryUrl }),
    ...(certificateAuthority === '' ? {} : { certificateAuthority }),
  };
}

function checkAddress(reader: ConfigurationReader, name: string, address: string): void {
  const url = URL.parse(address);
  if (url === null) return reader.refuse(name, address, 'must be an address');
  if (url.protocol !== 'https:') reader.refuse(name, address, 'URL scheme must be https');
  if (url.username !== '' || url.password !== '') {
    reader.refuse(name, '<omitted>', 'URL must not contain a username or password');
  }
  if (url.search !== '') reader.refuse(name, address, 'URL must not contain a query');
  if (url.hash !== '') reader.refuse(name, address, 'URL must not contain a fragment');
}

function checkAuthority(reader: ConfigurationReader, pem: string): void {
  if (pem === '') return;
  try {
    void new CertificateAuthorities(pem);
  } catch (error) {
    if (!(error instanceof CertificateAuthoritiesError)) throw error;
    reader.refuse('certificateAuthority', '<omitted>', error.message);
  }
}

function readAudiences(reader: ConfigurationReader): readonly string[] {
  const audiences = reader.texts('audiences');
  const policy = reader.text('audienceMatchPolicy');
  reader.require('audiences', audiences.length > 0, 'at least one audience is required');
  for (const [index, audience] of audiences.entries()) {
    reader.require(`audiences[${index}]`, audience !== '');
  }
  reader.requireUnique('audiences', '', audiences);
  if (audiences.length > 1 && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be MatchAny for multiple audiences';
    reader.refuse('audienceMatchPolicy', policy, why);
  } else if (policy !== '' && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be empty or MatchAny for single audience';
    reader.refuse('audienceMatchPolicy', policy, why);
  }
  return audiences;
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
