export { openOrders, type AskOrderStanding, type OrdersDeps } from './open-orders.ts';
export { type Gather, type Mark, type PersonOfOrder, type PersonStores } from './stores.ts';
export { createOrderKeys, openOctets, sealOctets, type SealedOctets } from './sealed-octets.ts';
export { partBinding } from './parts.ts';
