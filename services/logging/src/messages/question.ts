import { statuses as allStatuses, type ReplyClass, type Status } from '@mysmtp/contracts';
import type { mongo } from 'mongoose';
import type { Row } from './row.ts';

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
  readonly after: number;
  readonly before: number;
  /** Id of the last row of the previous page. */
  readonly below?: string | undefined;
  readonly limit: number;
}

export type Condition = mongo.Filter<Row>;

/**
 * The conditions of a question apart from status and time, the most selective ones usually first. An index
 * starts with the fields of each. A blind index needs no tenant, because it is made under the tenant's own
 * key.
 */
export function conditionsOf(question: Question): Condition[] {
  const { tenant, tagIndex, credential, lastReply } = question;
  const { recipientIndex, senderIndex, recipientDomainIndex, senderDomainIndex } = question;
  const conditions: Condition[] = [
    ...(recipientIndex === undefined ? [] : [{ recipientIndex }]),
    ...(tagIndex === undefined ? [] : [{ tagIndexes: tagIndex }]),
    ...(senderIndex === undefined ? [] : [{ senderIndex }]),
    ...(lastReply === undefined || lastReply === '2xx' ? [] : [{ tenant, lastReply }]),
    ...(recipientDomainIndex === undefined ? [] : [{ recipientDomainIndex }]),
    ...(credential === undefined ? [] : [{ tenant, credential }]),
    ...(senderDomainIndex === undefined ? [] : [{ senderDomainIndex }]),
  ];
  return conditions.length === 0 ? [{ tenant }] : conditions;
}

/** The statuses that can answer a question. The class `2xx` is that of the delivered rows and no others. */
export const statusesOf = ({ status, lastReply }: Question): Status[] =>
  allStatuses.filter(
    (one) =>
      (status === undefined || one === status) &&
      (lastReply === undefined || (lastReply === '2xx') === (one === 'delivered')),
  );
