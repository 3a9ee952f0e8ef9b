export { freshBroker, type TestBroker } from './broker.ts';
export { freshDatabase, type TestDatabase } from './database.ts';
export { followErasures, type Erasures } from './erasures.ts';
export { everythingStands, makeServiceKeys, type ServiceKeys } from './service-keys.ts';
export { eventually } from './eventually.ts';
export { freePort } from '@mysmtp/local-stack';
export { proxyTo, type Proxy } from './proxy.ts';
export { wayTo, type Passage, type Way } from './way.ts';
export { startPeer, type Behaviour, type Peer, type PeerScript, type Received } from './peer.ts';
