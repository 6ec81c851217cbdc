import type { Road } from './choose-road.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What would lead a program elsewhere than its account. */
const outside =
  /^(KUBECONFIG|KUBERNETES_MASTER|KUBERNETES_SERVICE_.*|KUBERNETES_PORT(_.*)?|FAIRWAY_SERVICE_ACCOUNT_DIRECTORY)$/;
const proxies = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

/** The variables of this machine as a program gets them, with those by which a pod finds the API. */
export function programVariables(variables: Variables, road: Road): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && !outside.test(name)) kept[name] = value;
  }
  return { ...kept, ...withoutProxy(kept, road), ...apiVariables(road) };
}

/** What the kubelet says of the service `kubernetes`. */
function apiVariables({ host, port }: Road): Record<string, string> {
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
    KUBERNETES_PORT: `tcp://${address}:${port}`,
    [`KUBERNETES_PORT_${port}_TCP`]: `tcp://${address}:${port}`,
    [`KUBERNETES_PORT_${port}_TCP_PROTO`]: 'tcp',
    [`KUBERNETES_PORT_${port}_TCP_PORT`]: port,
    [`KUBERNETES_PORT_${port}_TCP_ADDR`]: host,
  };
}

/** No proxy leads back to this machine, and not every client knows that by itself. */
function withoutProxy(variables: Variables, { host }: Road): Record<string, string> {
  const isNeeded = host === '127.0.0.1' && proxies.some((name) => variables[name]);
  if (!isNeeded) return {};
  const listed = variables['NO_PROXY'] || variables['no_proxy'];
  const value = listed ? `${listed},${host}` : host;
  return { NO_PROXY: value, no_proxy: value };
}
