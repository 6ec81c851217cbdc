import { type FieldError, invalidValue } from '@fairway/protocol';

/** How strict, from nothing forbidden to best practice. */
export type Level = 'privileged' | 'baseline' | 'restricted';

const levels: readonly string[] = ['privileged', 'baseline', 'restricted'] satisfies Level[];

/** What pods of a namespace are held against. */
export interface LevelVersion {
  readonly level: Level;
  /** `latest`, or the `v1.30` of Kubernetes whose rules hold. */
  readonly version: string;
}

/** `enforce` refuses pods, `audit` notes them in the audit log, `warn` tells whoever makes them. */
export type Mode = 'enforce' | 'audit' | 'warn';
export const modes: readonly Mode[] = ['enforce', 'audit', 'warn'];

export type Policy = Readonly<Record<Mode, LevelVersion>>;

export const labelPrefix = 'pod-security.kubernetes.io/';

export type Labels = Readonly<Record<string, string>>;

/**
 * What the labels of a namespace ask for, and `defaults` where they are silent. Labels that mean nothing
 * are named in `errors`: they enforce the strictest level, and neither audit nor warn. Whoever only
 * enforces is warned of that level too.
 *
 * Source: KEP-2579; Kubernetes, "Enforce Pod Security Standards with Namespace Labels".
 */
export function readPolicy(
  labels: Labels = {},
  defaults: Policy,
): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const label = labels[`${labelPrefix}${mode}`];
    const versionLabel = labels[`${labelPrefix}${mode}-version`];
    return {
      level: label === undefined ? defaults[mode].level : readLevel(label, mode, errors),
      version:
        versionLabel === undefined
          ? defaults[mode].version
          : readVersion(versionLabel, mode, errors),
    };
  };
  const [enforce, audit, warn] = [read('enforce'), read('audit'), read('warn')];
  const isStricter = strictness(enforce.level) > strictness(warn.level);
  const doesOnlyEnforce =
    isLevel(labels[`${labelPrefix}enforce`]) && labels[`${labelPrefix}warn`] === undefined;
  if (!doesOnlyEnforce || !isStricter) return { policy: { enforce, audit, warn }, errors };
  const hasVersion = labels[`${labelPrefix}warn-version`] !== undefined;
  const version = hasVersion ? warn.version : enforce.version;
  return { policy: { enforce, audit, warn: { level: enforce.level, version } }, errors };
}

function readLevel(label: string, mode: Mode, errors: FieldError[]): Level {
  if (isLevel(label)) return label;
  errors.push(invalidValue(fieldOf(mode), label, levelProblem));
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

function readVersion(label: string, mode: Mode, errors: FieldError[]): string {
  if (isVersion(label)) return label;
  errors.push(invalidValue(fieldOf(`${mode}-version`), label, versionProblem));
  return 'latest';
}

function fieldOf(name: string): string {
  return `metadata.labels[${labelPrefix}${name}]`;
}

export const levelProblem = `must be one of ${levels.join(', ')}`;
export const versionProblem = 'must be "latest" or "v1.x"';

export function isLevel(text: string | undefined): text is Level {
  return text !== undefined && levels.includes(text);
}

export function isVersion(text: string): boolean {
  return text === 'latest' || /^v1\.(\d|[1-9]\d*)$/.test(text);
}

/** Of `v1.30` 30; the latest is newer than any. */
export function minorOf(version: string): number {
  return version === 'latest' ? Infinity : Number(version.slice('v1.'.length));
}

/** Greater where more is forbidden. */
export function strictness(level: Level): number {
  return levels.indexOf(level);
}

/** `restricted:latest` */
export function textOf({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}

export function isFullyPrivileged(policy: Policy): boolean {
  return modes.every((mode) => policy[mode].level === 'privileged');
}

/** Whether two policies forbid the same. */
export function isEquivalent(one: Policy, other: Policy): boolean {
  return modes.every((mode) => {
    const isFree = one[mode].level === 'privileged' && other[mode].level === 'privileged';
    return isFree || textOf(one[mode]) === textOf(other[mode]);
  });
}
