/** The five services. Each has a database, a broker user and an operations port of its own. */
export const serviceNames = ['ingress', 'delivery', 'logging', 'identity', 'privacy'] as const;

export type ServiceName = (typeof serviceNames)[number];
