/** What an error says, and what lies behind it, the last of it being what really happened. */
export function messagesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];
}
