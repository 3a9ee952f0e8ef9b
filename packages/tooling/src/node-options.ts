/**
 * Node's options of each service, for its image and for the local stack. V8's young generation has up to twice 64 MiB
 * by default. Delivery needs them: what waits there is copied at each collection (docs/performance.md).
 */
export const nodeOptions = {
  ingress: '--max-semi-space-size=16',
  delivery: '',
  logging: '--max-semi-space-size=16',
  identity: '--max-semi-space-size=16',
  privacy: '--max-semi-space-size=16',
} as const;
