/**
 * Puts in variables where a text says `$(NAME)`. What is not known stays as it is written, and `$$` is
 * a `$`. Source: Kubernetes API reference, `EnvVar.value`.
 */
export function expandVariables(
  text: string,
  valueOf: (name: string) => string | undefined,
): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (valueOf(name) ?? whole),
  );
}
