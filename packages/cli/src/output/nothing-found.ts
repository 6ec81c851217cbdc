/** What is said where nothing was looked for that is there; without a namespace when all of them were looked at. */
export function nothingFound(namespace: string | undefined): string {
  return namespace === undefined
    ? 'No resources found\n'
    : `No resources found in ${namespace} namespace.\n`;
}
