/** Single connections on the way to a server, for programs that look into what is in between. */
export { connectSocket, portOf, readiness } from './transport/connect-socket.ts';
export { openTunnel, type TunnelPlan } from './transport/proxy-tunnel.ts';
export type { SocketPlan } from './transport/socket-plan.ts';
