/** The names of a controller. */
export interface NamedController {
  readonly name: string;
  readonly alias: string;
  readonly isOffByDefault?: boolean;
}

/**
 * The controllers that a list asks for: `foo` is on, `-foo` is off, and `*` is all that the list does
 * not name and that are not off by default. The first mention of a controller counts; without `*` only those run that are named.
 *
 * Errors: `RangeError` for an empty list, and for names that no controller has.
 * Source: kube-controller-manager, `--controllers`.
 */
export function selectControllers<Named extends NamedController>(
  known: readonly Named[],
  list: readonly string[],
): readonly Named[] {
  if (list.length === 0) throw new RangeError(`no controller is named; ${howTo(known)}`);
  const unknown = list.filter((item) => item !== '*' && !known.some((each) => names(item, each)));
  if (unknown.length > 0) {
    const shown = unknown.map((item) => JSON.stringify(item)).join(', ');
    throw new RangeError(`${shown} is no controller of this cluster; ${howTo(known)}`);
  }
  const hasAll = list.includes('*');
  return known.filter((each) => {
    const first = list.find((item) => item !== '*' && names(item, each));
    return first === undefined ? hasAll && each.isOffByDefault !== true : !first.startsWith('-');
  });
}

function names(item: string, { name, alias }: NamedController): boolean {
  const named = item.startsWith('-') ? item.slice(1) : item;
  return named === name || named === alias;
}

function howTo(known: readonly NamedController[]): string {
  const all = known.map(({ name }) => name).join(', ');
  const off = known.filter((each) => each.isOffByDefault === true).map(({ name }) => name);
  const except = off.length === 0 ? '' : ` but ${off.join(', ')}`;
  return `"*" stands for all${except}, "-NAME" leaves one out, and there are: ${all}`;
}
