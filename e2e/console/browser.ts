import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Stack } from '../stack/stack.ts';

/** Where a Chromium is; set by the test runner when one is installed. */
export const chromiumPath = process.env.FAIRLEAD_TEST_CHROMIUM;

/** A browser that talks to nobody by itself. */
export function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error('no Chromium is known');
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'] });
}

/** A fresh sign-in link for the owner. */
export async function signInLink(stack: Stack): Promise<string> {
  const { signInLinkCreate } = await stack.api.run('mutation { signInLinkCreate(input: {}) { url userErrors { message } } }');
  return signInLinkCreate.url;
}

/** A window in which the owner is signed in, with everything that went wrong in its pages. */
export async function signedIn(browser: Browser, stack: Stack, options: { colorScheme?: 'light' | 'dark' } = {}): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(await signInLink(stack));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return { context, page, errors };
}

/** Everything a page holds that could betray a secret: its text, its attributes and what is typed in it. */
export async function everythingIn(page: Page): Promise<string> {
  const typed: unknown = await page.evaluate("[...document.querySelectorAll('input, textarea, select')].map((field) => field.value).concat(Object.values(localStorage), Object.values(sessionStorage)).join('\\n')");
  return `${await page.content()}\n${String(typed)}\n${page.url()}`;
}
