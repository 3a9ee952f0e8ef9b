/** A built image. */
export interface Made {
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly file: string;
}

/** In megabytes, the usual unit for images. */
export const megabytes = (octets: number) => `${(octets / 1_000_000).toFixed(1)} MB`;

/** Names, sizes and digests, in columns. */
export function table(images: readonly Made[]): string {
  const rows = [
    ['IMAGE', 'SIZE', 'DIGEST', 'ARCHIVE'],
    ...images.map(({ name, size, digest, file }) => [name, megabytes(size), digest, file]),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(width(column))).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
