import {
  type FieldReader,
  checkDnsLabel,
  checkDnsSubdomain,
  duplicate,
  invalidValue,
  required,
} from '@fairway/protocol';
import {
  type LevelVersion,
  type Mode,
  isLevel,
  isVersion,
  levelProblem,
  versionProblem,
} from '../pod-security/namespace-policy.ts';
import type { PodSecurityConfiguration } from '../pod-security/pod-security-configuration.ts';

/** Source: pod-security.admission.config.k8s.io/v1 PodSecurityConfiguration. */
export function readPodSecurity(reader: FieldReader, document: unknown): PodSecurityConfiguration {
  const root = reader.object('', document, ['apiVersion', 'kind', 'defaults', 'exemptions']);
  const defaults = reader.object('defaults', root['defaults'], [
    'enforce',
    'enforce-version',
    'audit',
    'audit-version',
    'warn',
    'warn-version',
  ]);
  const exemptions = reader.object('exemptions', root['exemptions'], [
    'usernames',
    'runtimeClasses',
    'namespaces',
  ]);
  const held = (mode: Mode): LevelVersion => readHeld(reader, defaults, mode);
  const names = (list: string, check: (name: string) => string | undefined): readonly string[] =>
    readNames(reader, `exemptions.${list}`, { list: exemptions[list], check });
  return {
    defaults: { enforce: held('enforce'), audit: held('audit'), warn: held('warn') },
    exemptions: {
      usernames: names('usernames', () => undefined),
      runtimeClasses: names('runtimeClasses', checkDnsSubdomain),
      namespaces: names('namespaces', checkDnsLabel),
    },
  };
}

function readHeld(
  reader: FieldReader,
  defaults: Readonly<Record<string, unknown>>,
  mode: Mode,
): LevelVersion {
  const text = (name: string, byDefault: string): string => {
    const value = defaults[name];
    const isAbsent = value === undefined || value === null || value === '';
    return isAbsent ? byDefault : (reader.text(`defaults.${name}`, value) ?? byDefault);
  };
  const level = text(mode, 'privileged');
  const version = text(`${mode}-version`, 'latest');
  if (!isVersion(version)) {
    reader.problems.push(invalidValue(`defaults.${mode}-version`, version, versionProblem));
  }
  if (isLevel(level)) return { level, version };
  reader.problems.push(invalidValue(`defaults.${mode}`, level, levelProblem));
  return { level: 'restricted', version };
}

function readNames(
  reader: FieldReader,
  field: string,
  { list, check }: { readonly list: unknown; readonly check: (name: string) => string | undefined },
): readonly string[] {
  const names: string[] = [];
  for (const [at, each] of reader.list(field, list).entries()) {
    const place = `${field}[${at}]`;
    if (each === '') {
      reader.problems.push(required(place));
      continue;
    }
    const name = reader.text(place, each) ?? '';
    const problem = check(name);
    if (names.includes(name)) reader.problems.push(duplicate(place, name));
    else if (problem !== undefined) reader.problems.push(invalidValue(place, name, problem));
    names.push(name);
  }
  return names;
}
