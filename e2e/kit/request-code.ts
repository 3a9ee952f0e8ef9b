import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { readMaildir } from './maildir.ts';

/** The code that a person gets by mail for a request. `timeout`: in milliseconds, of the wait for the mail. */
export const requestCode = (
  { mx: { maildir } }: StackDescription,
  address: string,
  timeout?: number,
): Promise<string> =>
  eventually(
    async () => {
      const mail = (await readMaildir(maildir)).find(({ deliveredTo }) => deliveredTo === address);
      const text = Buffer.from(String(mail?.body), 'base64').toString();
      const [, code] = /code=([\w-]{22})/.exec(text) ?? [];
      if (code === undefined) throw new Error('No mail yet');
      return code;
    },
    timeout === undefined ? {} : { timeout },
  );
