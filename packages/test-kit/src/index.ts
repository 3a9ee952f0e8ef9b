export { freshBroker, type TestBroker } from './broker.ts';
export { freshDatabase, type TestDatabase } from './database.ts';
export { eventually } from './eventually.ts';
export { startPeer, type Behaviour, type Peer, type PeerScript, type Received } from './peer.ts';
