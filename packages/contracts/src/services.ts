/** The programs. Each has a broker user, keys for its calls and an operations port of its own. */
export const serviceNames = ['ingress', 'delivery', 'logging', 'identity', 'privacy'] as const;

/** Those of them that hold data: each has a database, stores in the registry, and signs receipts of erasures. */
export const dataHolders = [
  'ingress',
  'delivery',
  'logging',
  'identity',
  'privacy',
] as const satisfies readonly ServiceName[];

export type DataHolder = (typeof dataHolders)[number];

export type ServiceName = (typeof serviceNames)[number];
