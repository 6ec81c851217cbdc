/** A `PATH` on which the programs of administrators are found too, which are not on everybody's. */
export function toolPath(path: string = ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .filter((each) => each !== '')
    .join(':');
}
