import { z } from 'zod';
import type { valuesSchema } from '../values/values.ts';

/** A value or a group of values, as a JSON Schema (draft 7, which Helm 3 and Helm 4 both support). */
export type Node = z.core.JSONSchema.BaseSchema;

export function jsonSchema(values: ReturnType<typeof valuesSchema>): Node {
  return z.toJSONSchema(values, { io: 'input', target: 'draft-7' });
}

/** The values of a group if it is one: an object whose members are described one by one. */
export function membersOf(node: Node): [string, Node][] | undefined {
  const members = Object.entries((node.properties ?? {}) as Record<string, Node>);
  return members.some(([, { description }]) => description !== undefined) ? members : undefined;
}

/** The default of a value. */
export function defaultOf({ default: value, properties }: Node): unknown {
  const members = Object.entries((properties ?? {}) as Record<string, Node>)
    .map(([name, member]) => [name, defaultOf(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length > 0 ? Object.fromEntries(members) : value;
}
