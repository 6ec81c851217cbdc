import { readFile, writeFile } from 'node:fs/promises';
import { type NetworkPlan, type PodLink, podInterface } from './network-plan.ts';
import { runIp } from './run-ip.ts';

/** Makes of an empty network one that passes on what pods send to each other. Done again, it changes nothing. */
export async function setUpNetwork({ gateway, serviceCidr, doors }: NetworkPlan): Promise<void> {
  const addresses = new Set([gateway, ...doors.map(({ address }) => address)]);
  await runIp([
    'link set lo up',
    ...[...addresses].map((address) => `addr replace ${address}/32 dev lo`),
    // One route makes all of them addresses of this network.
    ...(serviceCidr === undefined ? [] : [`route replace local ${serviceCidr} dev lo`]),
  ]);
  await setParameter('ip_forward', '1');
  // No pod takes the address of another one.
  await setParameter('conf/all/rp_filter', '1');
}

/** Where it is so already nobody needs the right to change it. */
async function setParameter(name: string, value: string): Promise<void> {
  const path = `/proc/sys/net/ipv4/${name}`;
  if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value);
}

/** The node's end of the way to a pod, whose other end goes to the network that the process `pid` is in. */
export function linkCommands(
  { address, gateway }: PodLink,
  { name, pid }: { readonly name: string; readonly pid: number },
): readonly string[] {
  return [
    `link add ${name} type veth peer name ${podInterface} netns ${pid}`,
    `link set ${name} up`,
    // One that had the address before may not be quite gone.
    `route replace ${address}/32 dev ${name} src ${gateway}`,
  ];
}

/** The pod's end, in its own network. */
export async function setUpLink({ address, gateway }: PodLink): Promise<void> {
  await runIp([
    'link set lo up',
    `addr add ${address}/32 dev ${podInterface}`,
    `link set ${podInterface} up`,
    `route add ${gateway} dev ${podInterface} scope link`,
    `route add default via ${gateway}`,
  ]);
}
