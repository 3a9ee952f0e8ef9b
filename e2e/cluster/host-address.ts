import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { get, kubectl } from './tools.ts';

interface Nodes {
  readonly items: readonly {
    readonly status: { readonly addresses: readonly { type: string; address: string }[] };
  }[];
}

/**
 * An address of this machine that pods reach: that of a node on it, else the source address of the route to
 * the API server.
 */
export async function hostAddress(): Promise<string> {
  const given = process.env['MYSMTP_HOST_ADDRESS'];
  if (given !== undefined) return given;
  const { items } = await get<Nodes>('nodes');
  const nodes = new Set(items.flatMap(({ status }) => status.addresses.map((it) => it.address)));
  const ours = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ours.find(({ address }) => nodes.has(address))?.address ?? (await towardsApiServer());
}

async function towardsApiServer(): Promise<string> {
  const path = '{.clusters[0].cluster.server}';
  const server = await kubectl(['config', 'view', '--minify', '--output', `jsonpath=${path}`]);
  const { hostname, port } = new URL(server);
  const socket = createSocket('udp4');
  // Sends nothing, but lets the system choose the source address.
  socket.connect(Number(port) || 443, hostname);
  await once(socket, 'connect');
  const { address } = socket.address();
  socket.close();
  return address;
}

interface EndpointSlices {
  readonly items: readonly {
    readonly endpoints: readonly { readonly addresses: readonly string[] }[];
  }[];
}

/** Of the Service, and of its endpoints: CNIs apply a NetworkPolicy to the one or the other. */
export async function apiServerAddresses(): Promise<readonly string[]> {
  const where = ['--namespace', 'default'];
  const service = await get<{ readonly spec: { readonly clusterIPs: readonly string[] } }>(
    'service',
    'kubernetes',
    ...where,
  );
  const ofKubernetes = ['--selector', 'kubernetes.io/service-name=kubernetes'];
  const { items } = await get<EndpointSlices>('endpointslices', ...ofKubernetes, ...where);
  const behind = items.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));
  return [...new Set([...service.spec.clusterIPs, ...behind])];
}
