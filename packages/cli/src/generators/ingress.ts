import { CommandError } from '../command-error.ts';
import type { Generator } from './generator.ts';

interface IngressFlags {
  readonly rule?: readonly string[];
  readonly class?: string;
  readonly annotation?: readonly string[];
  readonly defaultBackend?: string;
}

/** `create ingress` */
export const ingress: Generator<IngressFlags> = ({ name, flags }) => {
  const { rule = [], class: className, annotation = [], defaultBackend } = flags;
  if (rule.length === 0 && defaultBackend === undefined) {
    throw new CommandError(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    );
  }
  const rules = rule.map(readRule);
  const annotations = annotation.map((text) => {
    const mark = text.indexOf('=');
    if (mark <= 0)
      throw new CommandError(`annotation ${text} is invalid and should be in format KEY=VALUE`);
    return [text.slice(0, mark), text.slice(mark + 1)];
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      ...(annotations.length === 0
        ? {}
        : { annotations: Object.fromEntries(annotations) as Record<string, string> }),
    },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      ...(defaultBackend === undefined ? {} : { defaultBackend: backendOf(defaultBackend) }),
      ...(rules.length === 0 ? {} : { rules: byHost(rules) }),
      ...tlsOf(rules),
    },
  };
};

interface Rule {
  readonly host: string;
  readonly path: object;
  /** Empty: without a secret of its own; undefined: without TLS. */
  readonly secretName: string | undefined;
}

const ruleForm =
  /^(?<host>[\w*.-]*)(?<path>\/.*)=(?<service>[\w.-]+:[\w.-]+)(?<tls>,tls(=(?<secret>[\w.-]*))?)?$/;

function readRule(text: string): Rule {
  const parts = ruleForm.exec(text)?.groups;
  if (parts === undefined) {
    throw new CommandError(
      `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    );
  }
  const { host = '', path = '', service = '', tls, secret = '' } = parts;
  const isPrefix = path.endsWith('*');
  return {
    host,
    path: {
      path: isPrefix ? path.slice(0, -1) : path,
      pathType: isPrefix ? 'Prefix' : 'Exact',
      backend: backendOf(service),
    },
    secretName: tls === undefined ? undefined : secret,
  };
}

function backendOf(text: string): object {
  const [name = '', port = '', ...rest] = text.split(':');
  if (name === '' || port === '' || rest.length > 0) {
    throw new CommandError(
      `default-backend should be in format servicename:serviceport, and not ${text}`,
    );
  }
  const number = /^\d+$/.test(port);
  return { service: { name, port: number ? { number: Number(port) } : { name: port } } };
}

function byHost(rules: readonly Rule[]): readonly object[] {
  const hosts = Map.groupBy(rules, ({ host }) => host);
  return [...hosts].map(([host, those]) => ({
    ...(host === '' ? {} : { host }),
    http: { paths: those.map(({ path }) => path) },
  }));
}

function tlsOf(rules: readonly Rule[]): { readonly tls?: readonly object[] } {
  const secured = rules.filter(({ secretName }) => secretName !== undefined);
  if (secured.length === 0) return {};
  const bySecret = Map.groupBy(secured, ({ secretName = '' }) => secretName);
  const tls = [...bySecret].map(([secretName, those]) => {
    const hosts = [...new Set(those.map(({ host }) => host))].filter((host) => host !== '');
    return {
      ...(hosts.length === 0 ? {} : { hosts }),
      ...(secretName === '' ? {} : { secretName }),
    };
  });
  return { tls };
}
