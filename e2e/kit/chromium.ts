import { chromium, type Browser } from 'playwright-core';
import { installDebian } from './install.ts';

/** Where Debian installs it. */
const executablePath = '/usr/bin/chromium';

/** Starts a real Chromium, and installs it at the first use. */
export async function startChromium(args: string[] = []): Promise<Browser> {
  await installDebian({ chromium: `test -x ${executablePath}` });
  return chromium.launch({ executablePath, args });
}
