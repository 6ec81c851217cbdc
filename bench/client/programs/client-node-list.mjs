import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { report } from './report.mjs';

const started = process.cpuUsage();
const config = new KubeConfig();
config.loadFromDefault();
const { items } = await config.makeApiClient(CoreV1Api).listPodForAllNamespaces();
report(started, { count: items.length });
