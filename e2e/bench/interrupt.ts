const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => controller.abort());
}

/** Aborts at the first signal: pending work fails, then all is stopped. */
export const interrupted: AbortSignal = controller.signal;
