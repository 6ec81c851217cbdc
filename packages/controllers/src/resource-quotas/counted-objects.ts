/** Names that quotas had for numbers of objects before `count/` came. */
const oldNames: Readonly<Record<string, string>> = {
  configmaps: 'configmaps',
  resourcequotas: 'resourcequotas',
  replicationcontrollers: 'replicationcontrollers',
  secrets: 'secrets',
};

/** Of which resource a quota over `name` counts the objects: `deployments.apps`, `secrets`; undefined: of none. */
export function countedResource(name: string): string | undefined {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  return Object.hasOwn(oldNames, name) ? oldNames[name] : undefined;
}
