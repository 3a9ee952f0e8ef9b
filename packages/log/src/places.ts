/** A line of V8's for a place in a file: `    at name (file:///…:1:2)`, or without a name. */
const place = /^ {4}at (?:async )?(?:.+ \()?(?:file:\/\/|node:|\/).+:\d+:\d+\)?$/;

/**
 * The places in a stack. It begins with the error's name and message, and a line of the message can
 * look like a place, so both are cut off first. Where the message was changed after the stack was made,
 * nobody can say where the old one ends, and no place is told.
 */
export function placesOf({ message, stack = '' }: Error): string[] {
  const front = message === '' ? '\n' : `: ${message}\n`;
  const end = stack.indexOf(front);
  const isOfName = end !== -1 && !/[:\n]/.test(stack.slice(0, end));
  if (!isOfName) return [];
  return stack
    .slice(end + front.length)
    .split('\n')
    .filter((line) => place.test(line))
    .map((line) => line.trim());
}
