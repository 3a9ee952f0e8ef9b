import { readFile } from 'node:fs/promises';
import { ConfigError } from '@mysmtp/service';
import { z } from 'zod';
import { categoryIds } from './categories.ts';
import { isInEea } from './countries.ts';

const Line = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .refine((text) => !/\p{Cc}/u.test(text), 'must be one line of text');

const BothLanguages = z.strictObject({ en: Line, de: Line });

const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be a country code of two letters, such as DE (ISO 3166-1)');

const Contact = z.strictObject({
  name: Line,
  address: z.array(Line).min(1),
  email: z.email(),
});

const SubProcessor = z
  .strictObject({
    name: Line,
    address: z.array(Line).min(1),
    /** Where it processes the data. */
    country: Country,
    task: BothLanguages,
    /** The categories of data that it may come into contact with. */
    data: z.array(z.enum(categoryIds)).min(1),
    /** By which safeguard data may leave the EEA (GDPR Art. 44 to 49). */
    transfer: BothLanguages.optional(),
    /**
     * Where it is told that data of a person was rectified, erased or restricted (GDPR Art. 19), or why it
     * cannot act on that.
     */
    notify: z.union([
      z.strictObject({ email: z.email() }),
      z.strictObject({ reason: BothLanguages }),
    ]),
  })
  .refine(({ country, transfer }) => isInEea(country) || transfer !== undefined, {
    path: ['transfer'],
    message: 'is required, because the country is not in the EEA',
  });

/** What the documents say about the operator, and software cannot know. */
const OperatorFacts = z.strictObject({
  /** Name of the company or person, as in the commercial register. */
  name: Line,
  address: z.array(Line).min(1),
  email: z.email(),
  phone: Line.optional(),
  /** The public URL of privacy's API, where everybody can read the documents. */
  privacyUrl: z.url(),
  /** A representative in the Union (GDPR Art. 27), of an operator that is not established there. */
  representative: Contact.optional(),
  /** `null`: none has to be designated (GDPR Art. 37). */
  dataProtectionOfficer: Contact.nullable(),
  supervisoryAuthority: z.strictObject({ name: Line, website: z.url() }),
  /** Where the system runs. */
  places: z
    .array(
      z.strictObject({
        city: Line,
        country: Country.refine(isInEea, 'is not in the EEA, where mySMTP promises to store data'),
      }),
    )
    .min(1),
  /** How long the log store keeps log lines. */
  logRetentionDays: z.int().min(1).max(366),
  /** How long backups of databases are kept. */
  backupRetentionDays: z.int().min(0).max(14),
  subProcessors: z.array(SubProcessor),
});
export type SubProcessor = z.infer<typeof SubProcessor>;
export type OperatorFacts = z.infer<typeof OperatorFacts>;

const refusal = (reason: string) => new ConfigError([{ setting: 'OPERATOR_FILE', reason }]);

/** Throws a `ConfigError` that names the setting and every wrong fact, and repeats none of them. */
export async function readOperatorFacts(file: string): Promise<OperatorFacts> {
  let facts: unknown;
  try {
    facts = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refusal(code === undefined ? 'is not JSON' : `cannot be read (${code})`);
  }
  const { data, error } = OperatorFacts.safeParse(facts);
  if (error === undefined) return data;
  const reasons = error.issues.map(
    ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
  );
  throw refusal(reasons.join('; '));
}
