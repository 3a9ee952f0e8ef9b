import type { OpenRow } from '../messages/open-rows.ts';
import { present } from './answer.ts';

/** The text of an export, record by record. */
export interface ExportFormat {
  /** Media type. */
  readonly type: string;
  readonly head: string;
  row(row: OpenRow): string;
  /** The last record. An export without it is not complete. */
  end(rows: number): string;
}

type Shown = ReturnType<typeof present>;

const columns: Readonly<Record<string, (row: Shown) => string | null | undefined>> = {
  id: ({ id }) => id,
  acceptedAt: ({ acceptedAt }) => acceptedAt,
  messageId: ({ messageId }) => messageId,
  sender: ({ sender }) => sender,
  recipient: ({ recipient }) => recipient,
  tags: ({ tags }) => tags.join(' '),
  credential: ({ accepted }) => accepted?.credential,
  listener: ({ accepted }) => accepted?.listener,
  status: ({ status }) => status,
  lastReply: ({ lastReply }) => lastReply,
  nextAttemptAt: ({ nextAttemptAt }) => nextAttemptAt,
  attempts: ({ attempts }) => String(attempts.length),
  lastAttemptAt: ({ attempts }) => attempts.at(-1)?.at,
  lastSite: ({ attempts }) => attempts.at(-1)?.site,
  lastTlsVersion: ({ attempts }) => attempts.at(-1)?.tlsVersion,
  lastEnhancedCode: ({ attempts }) => attempts.at(-1)?.enhancedCode,
  lastReplyText: ({ attempts }) => attempts.at(-1)?.reply,
  restricted: ({ restricted }) => (restricted ? 'yes' : ''),
};

/**
 * A value of a CSV record. A spreadsheet takes a value that begins with one of these characters for a
 * formula. The apostrophe makes it a text.
 */
function field(value: string | null | undefined): string {
  const text = value ?? '';
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const record = (values: readonly (string | null | undefined)[]): string =>
  `${values.map(field).join(',')}\r\n`;

export const exportFormats = {
  /** JSON Lines: the rows as in the API, then `{"end":true,"rows":N}`. */
  jsonl: {
    type: 'application/jsonl',
    head: '',
    row: (row) => `${JSON.stringify(present(row))}\n`,
    end: (rows) => `${JSON.stringify({ end: true, rows })}\n`,
  },
  /** RFC 4180. The last record has `#end` in the place of the id, and then the number of rows. */
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: record(Object.keys(columns)),
    row: (row) => {
      const shown = present(row);
      return record(Object.values(columns).map((valueOf) => valueOf(shown)));
    },
    end: (rows) => record(Object.keys(columns).map((_, at) => ['#end', String(rows)][at])),
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;
