/**
 * The flags of a Go program as this command reads them: etcd takes `-data-dir` as well, and kube-apiserver
 * `--cert_dir`.
 */
export function asLongFlags(words: readonly string[]): readonly string[] {
  const [first = '', ...flags] = words;
  if (first !== 'etcd' && first !== 'kube-apiserver') return words;
  return [
    first,
    ...flags.map((word) => {
      const flag = first === 'etcd' ? word.replace(/^-(?=[a-z]{2})/, '--') : word;
      return flag.replace(/^--[^=]*/, (name) => name.replaceAll('_', '-'));
    }),
  ];
}
