import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';

/**
 * Loaded before a service (`--import`). If `NEXT_RELEASE_DIR` contains a file of its name, the service starts
 * as the next release: it adds a field to every object that it writes for other processes.
 */
const service = path.basename(path.resolve(process.argv[1] ?? '', '../..'));

/** The file of the function that writes all these objects, its statement, and the replacement. */
const file = '/packages/contracts/src/message.ts';
const now = '  return schema.parse(message);\n';
const then = '  return withMore(schema.parse(message));\n';
const withMore = `
function withMore(value) {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withMore(field)]);
  return { ...Object.fromEntries(fields), ofTheNextRelease: { new: ['field'] } };
}
`;

if (existsSync(path.join(process.env['NEXT_RELEASE_DIR'] ?? '', service))) {
  process.stderr.write(`${service} is of the next release\n`);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(file)) return loaded;
      const source = Buffer.from(loaded.source as string).toString();
      if (source.split(now).length !== 2) throw new Error(`${file} has changed`);
      return { ...loaded, source: source.replace(now, then) + withMore };
    },
  });
}
