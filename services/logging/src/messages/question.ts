import { isFinal, statuses as allStatuses, type ReplyClass, type Status } from '@mysmtp/contracts';
import type { mongo } from 'mongoose';
import { lastReplyOf, tagFields, type Row } from './row.ts';

/** Values that a row must have. All but the class of the reply and the credential are blind indexes. */
export interface Filters {
  readonly senderIndex?: string | undefined;
  readonly recipientIndex?: string | undefined;
  readonly senderDomainIndex?: string | undefined;
  readonly recipientDomainIndex?: string | undefined;
  readonly tagIndex?: string | undefined;
  readonly credential?: string | undefined;
  readonly lastReply?: ReplyClass | undefined;
}

/** A tenant's query of its usage log. The times bound acceptance: at `after` or later, before `before`. */
export interface Question extends Filters {
  readonly tenant: string;
  readonly status?: Status | undefined;
  /** The tenant keeps no content of final rows, so they answer nothing. */
  readonly withoutFinal?: boolean | undefined;
  readonly after: number;
  readonly before: number;
  /** Id of the last row of the previous page. */
  readonly below?: string | undefined;
  readonly limit: number;
}

/** Values of the first fields of an index. Its last field is the id of the row. */
export type Values = mongo.Filter<Row>;

/** What a row must have: one of these. The groups are read one after the other, each at once. */
export type Condition = readonly (readonly Values[])[];

/**
 * The conditions of a question apart from time, the most selective ones usually first. A blind index needs
 * no tenant, because it is made under the tenant's own key. `undefined` if no row can meet all of them.
 */
export function conditionsOf(question: Question): Condition[] | undefined {
  const { tenant, tagIndex, credential, lastReply } = question;
  const { recipientIndex, senderIndex, recipientDomainIndex, senderDomainIndex } = question;
  const statuses = statusesOf(question);
  if (statuses.length === 0) return undefined;
  const conditions: Condition[] = [
    ...(recipientIndex === undefined ? [] : [[[{ recipientIndex }]]]),
    ...(senderIndex === undefined ? [] : [[[{ senderIndex }]]]),
    ...(lastReply === undefined || lastReply === '2xx' ? [] : [[[{ tenant, lastReply }]]]),
    ...(recipientDomainIndex === undefined ? [] : [[[{ recipientDomainIndex }]]]),
    ...(credential === undefined ? [] : [[[{ tenant, credential }]]]),
    ...(senderDomainIndex === undefined ? [] : [[[{ senderDomainIndex }]]]),
    ...(tagIndex === undefined ? [] : [[tagFields.map((field) => ({ [field]: tagIndex }))]]),
  ];
  // In the order of a message's states: a row that changes meanwhile may be found twice but is never missed.
  const ofStatus = (some: readonly Status[]) => some.map((status) => ({ tenant, status }));
  const open = statuses.filter((status) => !isFinal(status));
  const byStatus = [...open.map((one) => ofStatus([one])), ofStatus(statuses.filter(isFinal))];
  if (conditions.length === 0 || statuses.length === 1) conditions.push(byStatus);
  return conditions;
}

/** The statuses that can answer a question. The class `2xx` is that of the delivered rows and no others. */
const statusesOf = ({ status, lastReply, withoutFinal }: Question): Status[] =>
  allStatuses.filter(
    (one) =>
      (status === undefined || one === status) &&
      (withoutFinal !== true || !isFinal(one)) &&
      (lastReply === undefined || (lastReply === '2xx') === (one === 'delivered')),
  );

/** Whether a row answers the question, apart from blind indexes and time, which never change. */
export const answers = (row: Row, { tenant, status, lastReply }: Question): boolean =>
  row.tenant === tenant &&
  row.details !== undefined &&
  (status === undefined || row.status === status) &&
  (lastReply === undefined || lastReplyOf(row) === lastReply);
