/** The widest line, as a terminal has it beside a letter. */
export const width = 100;

/** Lines of words that fit, the later ones indented as the first one's text begins. */
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

/** What others wrote must not steer the terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
