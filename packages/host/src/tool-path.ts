/** A `PATH` on which the programs of administrators are found too, which are not on everybody's. */
export function toolPath(path: string = ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .filter((each) => each !== '')
    .join(':');
}

/** Variables for a program that needs such a path. */
export function withToolPath(
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return { ...variables, PATH: toolPath(variables['PATH']) };
}
