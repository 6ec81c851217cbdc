/** The two parts of a token by which a machine joins a cluster: `ID.SECRET`. */
export interface BootstrapTokenParts {
  /** Public: names the token's secret and the user that it stands for. */
  readonly id: string;
  readonly secret: string;
}

/** Source: Kubernetes, authenticating with bootstrap tokens, token format. */
const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

/** Takes a bootstrap token apart; undefined for what is none. */
export function parseBootstrapToken(text: string): BootstrapTokenParts | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Where the secrets that hold bootstrap tokens lie, and their type. */
export const bootstrapTokens = {
  namespace: 'kube-system',
  type: 'bootstrap.kubernetes.io/token',
} as const;

/** The name of the secret that holds a token. */
export function bootstrapTokenSecretName(id: string): string {
  return `bootstrap-token-${id}`;
}
