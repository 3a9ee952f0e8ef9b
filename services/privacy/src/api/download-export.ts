import type { privacyApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Exports } from '../exports/exports.ts';

export function downloadExport(
  exports: Pick<Exports, 'read'>,
): Handler<typeof privacyApi.downloadExport> {
  return async ({ params: { id }, principal: { tenant } }) => {
    const found = await exports.read(id);
    if (found === undefined) throw problems.notFound();
    if (found.tenant !== tenant) throw problems.hidden('foreign');
    const name = `export-${id}.zip`;
    return {
      status: 200,
      headers: { 'content-disposition': `attachment; filename="${name}"` },
      body: found.bundle,
    };
  };
}
