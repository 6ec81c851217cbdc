import { builtAdmissionPlugins } from './admission-plugins.ts';
import { offByDefault, onByDefault } from './default-plugins.ts';

/** What `--enable-admission-plugins` and `--disable-admission-plugins` name. */
export interface AdmissionChoice {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}

/**
 * Holds names of admission plugins against those that a kube-apiserver 1.36 knows. What it has on by default is here,
 * or has nothing to do.
 *
 * Errors: `RangeError` for a name that does not exist, one that is both on and off, and one that is off in
 * a kube-apiserver by default and not built here.
 */
export function checkAdmissionChoice({ enabled, disabled }: AdmissionChoice): void {
  for (const name of [...enabled, ...disabled]) {
    if (onByDefault.includes(name) || offByDefault.includes(name)) continue;
    throw new RangeError(`there is no admission plugin ${JSON.stringify(name)}`);
  }
  const torn = enabled.find((name) => disabled.includes(name));
  if (torn !== undefined) throw new RangeError(`${torn} is to be both on and off`);
  const missing = enabled.find(
    (name) => offByDefault.includes(name) && !builtAdmissionPlugins.includes(name),
  );
  if (missing === undefined) return;
  const built = builtAdmissionPlugins.join(', ');
  throw new RangeError(`${missing} is not built in Fairway, which has ${built}`);
}
