/** A stack frame of V8: `    at name (file:///…:1:2)`, or without a name. */
const place = /^ {4}at (?:async )?(?:.+ \()?(?:file:\/\/|node:|\/).+:\d+:\d+\)?$/;

/**
 * The stack frames. A stack begins with the error's name and message, and a line of the message can look like
 * a frame, so both are removed first. If the message was changed after the stack was made, its end is
 * unknown, and no frame is logged.
 */
export function stackFramesOf({ message, stack = '' }: Error): string[] {
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
