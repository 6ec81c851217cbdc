interface LoadBalancer {
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
}

/**
 * Every address, or else host name, of a load balancer once, in order.
 * Source: kube-apiserver printers, loadBalancerStatusStringer.
 */
export function loadBalancerAddresses(status: LoadBalancer | undefined): readonly string[] {
  const named = (status?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(named)].filter((each) => each !== '').sort();
}
