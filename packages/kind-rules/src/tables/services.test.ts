import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { endpointSlices, endpoints, services } from './services.ts';

function external(spec: object, ingress: readonly object[] = []): unknown {
  return rowOf(services, { spec, status: { loadBalancer: { ingress } } })['External-IP'];
}

test('services show addresses, ports and pods', () => {
  const spec = {
    type: 'NodePort',
    clusterIP: '10.0.0.1',
    clusterIPs: ['10.0.0.1', 'fd00::1'],
    ports: [
      { port: 80, nodePort: 30080, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ],
    selector: { app: 'web' },
  };
  deepEqual(rowOf(services, { spec }), {
    Type: 'NodePort',
    'Cluster-IP': '10.0.0.1',
    'External-IP': '<none>',
    'Port(s)': '80:30080/TCP,53/UDP',
    Selector: 'app=web',
  });
});

test('services show addresses outside of the cluster by type', () => {
  const externalIPs = ['1.2.3.4', '1.2.3.5'];
  equal(external({ type: 'ClusterIP', externalIPs }), '1.2.3.4,1.2.3.5');
  equal(external({ type: 'ExternalName', externalName: 'db.example.org' }), 'db.example.org');
  equal(external({ type: 'LoadBalancer' }), '<pending>');
  const ingress = [{ hostname: 'lb.example.org' }, { ip: '9.9.9.9' }, { ip: '9.9.9.9' }];
  equal(external({ type: 'LoadBalancer' }, ingress), '9.9.9.9,lb.example.org');
  equal(
    external({ type: 'LoadBalancer', externalIPs }, [{ ip: '9.9.9.9' }]),
    '9.9.9.9,1.2.3.4,1.2.3.5',
  );
  equal(external({}), '<unknown>');
});

test('services without addresses and ports say so', () => {
  const row = rowOf(services, { spec: { type: 'ExternalName' } });
  deepEqual([row['Cluster-IP'], row['Port(s)'], row['Selector']], ['<none>', '<none>', '<none>']);
  equal(
    rowOf(services, { spec: { clusterIP: 'None', clusterIPs: ['None'] } })['Cluster-IP'],
    'None',
  );
});

test('endpoints show every address with every port, three of them', () => {
  const shown = (subsets: readonly object[]) => rowOf(endpoints, { subsets })['Endpoints'];
  const addresses = [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }];
  equal(shown([]), '<none>');
  equal(shown([{ notReadyAddresses: addresses, ports: [{ port: 80 }] }]), '');
  equal(shown([{ addresses }]), '10.0.0.1,fd00::1');
  equal(
    shown([{ addresses, ports: [{ port: 80 }, { port: 443 }] }]),
    '10.0.0.1:80,[fd00::1]:80,10.0.0.1:443 + 1 more...',
  );
});

test('endpointSlices show ports and addresses, three of each', () => {
  const slice = {
    addressType: 'IPv4',
    ports: [{ port: 80 }, { name: 'any' }, {}, { port: 443 }],
    endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3'] }],
  };
  deepEqual(rowOf(endpointSlices, slice), {
    AddressType: 'IPv4',
    Ports: '80,any,* + 1 more...',
    Endpoints: '10.0.0.1,10.0.0.2,10.0.0.3',
  });
  const empty = rowOf(endpointSlices, { addressType: 'IPv6', ports: null, endpoints: null });
  deepEqual([empty['Ports'], empty['Endpoints']], ['<unset>', '<unset>']);
});
