/** The widest line, as in a terminal. */
export const width = 100;

/** Wraps words into lines. Later lines are indented to the start of the first line's text. */
export function wrap(text: string, first: string, rest = ' '.repeat(first.length)): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** 2026-11-24 12:00:00 UTC. */
export function time(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** Removes control characters, so that the text of others cannot control the terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
