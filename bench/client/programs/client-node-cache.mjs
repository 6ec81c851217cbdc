import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { heapMegabytes, report } from './report.mjs';

const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CoreV1Api);
const before = heapMegabytes();
const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
await informer.start();
report({ heapMegabytes: heapMegabytes() - before, count: informer.list().length });
process.exit();
