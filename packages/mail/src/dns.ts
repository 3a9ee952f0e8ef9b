/** No such record, no such name, not a name at all. */
const noSuchRecord = new Set(['ENODATA', 'ENOTFOUND', 'EBADNAME']);

/** No such record, or no such name, is an empty answer. Every other failure is rejected. */
export async function unlessMissing<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (noSuchRecord.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
