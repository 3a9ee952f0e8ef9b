import { PersonExport } from '@mysmtp/contracts';
import { writeOrCheck } from '@mysmtp/tooling';
import { z } from 'zod';
import { accessDocument } from './access-document.ts';
import { documents } from './documents.ts';

/** Writes the OpenAPI documents and docs/access.md, or with `--check` reports whether they are up to date. */
await writeOrCheck('packages/api', [
  ...Object.entries(documents()).map(([name, document]) => ({
    file: `docs/api/${name}`,
    text: `${JSON.stringify(document, null, 2)}\n`,
  })),
  { file: 'docs/access.md', text: accessDocument() },
  // Of the file in the data that a person has asked for.
  {
    file: 'docs/api/person-export.schema.json',
    text: `${JSON.stringify(z.toJSONSchema(PersonExport), null, 2)}\n`,
  },
]);
