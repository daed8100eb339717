// README: everything the API can do shows in the console, and what others change shows by itself.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { placesOf } from '../stack/search.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { chromiumPath, everythingIn, openBrowser, signedIn } from './browser.ts';

describe.skipIf(!chromiumPath)(`the console in a browser${chromiumPath ? '' : ' (no Chromium here)'}`, () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let errors: string[];
  let key: { id: string; secret: string };
  beforeAll(async () => {
    [stack, browser] = await Promise.all([openStack(), openBrowser()]);
    ({ context, page, errors } = await signedIn(browser, stack));
    key = await createKey(stack.api, { name: 'first' });
  });
  afterAll(async () => { await context?.close(); await browser?.close(); await stack?.close(); });

  const go = async (path: string, heading: string) => {
    await page.goto(stack.controlUrl + path);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  const change = async (mutation: string) => {
    const answer = await stack.api.run(`mutation { done: ${mutation} }`);
    expect(answer.done.userErrors).toEqual([]);
    return answer.done;
  };

  test('a route is tried before it is saved, and then leads', async () => {
    await ask(stack.node.url, key.secret, 'anthropic');
    await go('/routes', 'Routes');
    await page.getByRole('button', { name: 'Add a route' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('all of it');
    await dialog.getByLabel('Condition').fill('client == "claude-code" && nonsense > 1');
    await dialog.getByLabel('Provider', { exact: true }).selectOption({ label: 'Practice' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'nonsense' }).waitFor();
    await dialog.getByLabel('Condition').fill('client == "claude-code" || inputTokens < 1000000');
    await stack.api.until(async () => {
      await dialog.getByRole('button', { name: 'Try it on the last 24 hours' }).click();
      await dialog.locator('[data-replayed]').waitFor();
      return (await dialog.locator('[data-replayed]').innerText()).includes('Planned again');
    });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: 'all of it' }).getByText('Active').waitFor();
    await page.getByLabel('Model', { exact: true }).fill('claude-haiku-5-5');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.locator('[data-simulated]').getByText('Decided by all of it.').waitFor();
    await page.getByRole('button', { name: 'Actions for all of it' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove route' }).click();
    await page.getByText('No route', { exact: true }).waitFor();
  });

  test('a key that others make, pause or revoke shows without a reload, and a change made here shows at once', async () => {
    await go('/keys', 'Keys');
    await page.getByRole('row', { name: 'first' }).waitFor();
    const made = await createKey(stack.api, { name: 'from outside' });
    const row = page.getByRole('row', { name: 'from outside' });
    await row.getByText('Active').waitFor();
    await page.getByRole('button', { name: 'Actions for from outside' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByText('Limits', { exact: true }).click();
    await page.getByRole('dialog').getByLabel('Models').fill('claude-*');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await row.getByText('claude-*').waitFor();
    await change(`keyUpdate(input: { id: "${made.id}", status: PAUSED }) { userErrors { message } }`);
    await row.getByText('Paused').waitFor();
    await change(`keyRevoke(input: { id: "${made.id}" }) { userErrors { message } }`);
    await row.getByText('Revoked').waitFor();
  });

  test('the limits of a key are folded away until they are wanted, told where they are wrong, and count', async () => {
    await go('/keys', 'Keys');
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('narrow');
    expect(await dialog.getByLabel('Tokens a minute').isVisible()).toBe(false);
    await dialog.getByText('Limits', { exact: true }).click();
    await dialog.getByLabel('Tokens a minute').fill('50000');
    await dialog.getByLabel('Requests at once').fill('0');
    await dialog.getByLabel('Sessions at once').fill('2');
    await dialog.getByLabel('Clients').fill('claude-code, *-sdk');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'from 1 to 100000' }).waitFor();
    await dialog.getByLabel('Requests at once').fill('3');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'I have stored it' }).click();
    const row = page.getByRole('row', { name: /^narrow/ });
    for (const text of ['50,000 tokens a minute', '3 requests at once', '2 sessions at once', 'only claude-code, *-sdk']) await row.getByText(text).waitFor();
    await page.getByRole('button', { name: 'Actions for narrow' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    expect(await dialog.getByLabel('Requests at once').inputValue()).toBe('3');
    await dialog.getByLabel('Requests at once').fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('3 requests at once').waitFor({ state: 'detached' });
    const { keys } = await stack.api.run('{ keys(filter: { search: "narrow" }) { nodes { requestsPerMinute tokensPerMinute concurrent sessions clients } } }');
    expect(keys.nodes).toEqual([{ requestsPerMinute: null, tokensPerMinute: 50_000, concurrent: null, sessions: 2, clients: ['claude-code', '*-sdk'] }]);
  });

  test('what all keys of the account may do is set under Settings', async () => {
    await go('/settings', 'Settings');
    const section = page.getByRole('region', { name: 'Paces of the account' });
    await section.getByText('all models').waitFor();
    await section.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Requests a minute').fill('12000');
    await dialog.getByRole('button', { name: 'Save limits' }).click();
    await section.getByText('12,000').waitFor();
    const { tenant } = await stack.api.run('{ tenant { requestsPerMinute tokensPerMinute concurrent models } }');
    expect(tenant).toEqual({ requestsPerMinute: 12_000, tokensPerMinute: null, concurrent: null, models: null });
    await section.getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('Requests a minute').fill('');
    await dialog.getByRole('button', { name: 'Save limits' }).click();
    await section.getByText('12,000').waitFor({ state: 'detached' });
  });

  test('a provider that others connect or pause shows without a reload', async () => {
    await go('/upstreams', 'Providers');
    await page.getByRole('heading', { name: 'Practice' }).waitFor();
    const { upstream } = await change('upstreamCreate(input: { name: "Outside", preset: "openai", secret: "sk-outside-0123456789", models: [{ model: "outside-only" }] }) { upstream { id } userErrors { message } }');
    const card = page.locator(`[data-upstream="${upstream.id}"]`);
    await card.getByRole('heading', { name: 'Outside' }).waitFor();
    await change(`upstreamUpdate(input: { id: "${upstream.id}", status: PAUSED }) { userErrors { message } }`);
    await card.getByText('Paused').waitFor();
  });

  test('what an account holds is read where a person says, and told in words when there is nothing', async () => {
    const { upstream } = await change(`upstreamCreate(input: { name: "Watched", baseUrl: "${stack.practiceUrl}", dialects: ["openai-chat"], auth: BEARER, secret: "${secondCredential}", models: [{ model: "watched-only" }] }) { upstream { id } userErrors { message } }`);
    await go('/upstreams', 'Providers');
    const card = page.locator(`[data-upstream="${upstream.id}"]`);
    const read = async (path: string, left: string) => {
      await card.getByRole('button', { name: 'Actions for Watched' }).click();
      await page.getByRole('menuitem', { name: 'Balance' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Where it stands').selectOption('JSON');
      await dialog.getByLabel('Path').fill(path);
      await dialog.getByLabel('What is left').fill(left);
      await dialog.getByLabel('Unit').fill('TOKENS');
      await dialog.getByRole('button', { name: 'Save' }).click();
    };
    await read('//elsewhere.example', 'nonsense');
    await page.getByRole('dialog').getByText('It must be a JSONPath').waitFor();
    await page.getByRole('dialog').getByText('its secret is sent nowhere else').waitFor();
    await page.keyboard.press('Escape');
    await read('/_practice/bill', '$.nothing');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Actions for default' }).click();
    await page.getByRole('menuitem', { name: 'Read its balance' }).click();
    await card.getByText('There is no number at $.nothing.').waitFor();
    await read('/_practice/bill', '$.totalNano');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Actions for default' }).click();
    await page.getByRole('menuitem', { name: 'Read its balance' }).click();
    await card.getByText(/^\d+ TOKENS left/).waitFor();
  });

  test('a request shows in the log as it ends, waits while the mouse is over it, and tells why it went where it went', async () => {
    await go('/requests', 'Requests');
    await page.getByText('Live', { exact: true }).waitFor();
    const idOf = (heard: { headers: Headers }) => heard.headers.get('x-fairlead-exchange') ?? '';
    const first = idOf(await ask(stack.node.url, key.secret, 'chat', { stream: true }));
    await page.locator(`[data-exchange="${first}"]`).waitFor();
    await page.locator(`[data-exchange="${first}"]`).hover();
    const second = idOf(await ask(stack.node.url, key.secret, 'anthropic', { headers: { 'x-fairlead-repo': 'acme/harbour', 'x-session-id': 'ses-1' } }));
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await page.locator(`[data-exchange="${second}"]`).count()).toBe(0);
    await page.getByRole('button', { name: '1 new' }).click();
    await page.locator(`[data-exchange="${second}"]`).getByRole('link').click();
    await page.getByRole('heading', { name: 'Why this provider?' }).waitFor();
    await page.getByText('serves the model', { exact: true }).waitFor();
    const { exchange } = await stack.api.run('query ($id: ID!) { exchange(id: $id) { outputTokens } }', { id: second });
    await page.getByRole('row', { name: /^Output/ }).getByText(String(exchange.outputTokens), { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Requests for the same: Session ses-1' }).click();
    await page.locator(`[data-exchange="${second}"]`).getByText('acme/harbour').waitFor();
    expect(await page.locator('[data-exchange]').count()).toBe(1);
    await go('/billing', 'Billing');
    await page.getByRole('button', { name: 'Repository', exact: true }).click();
    await page.getByRole('row', { name: /^acme\/harbour 1 / }).waitFor();
  });

  test('usage grows while one looks at it', async () => {
    await go('/usage', 'Usage');
    await page.getByRole('button', { name: 'Key', exact: true }).click();
    const fresh = await createKey(stack.api, { name: 'busy key' });
    await ask(stack.node.url, fresh.secret, 'anthropic');
    await page.getByRole('row', { name: /^busy key 1 / }).waitFor();
    await ask(stack.node.url, fresh.secret, 'anthropic');
    await page.getByRole('row', { name: /^busy key 2 / }).waitFor();
  });

  test('a node that joins shows, and one that is revoked shows so', async () => {
    await go('/nodes', 'Nodes');
    await page.getByRole('row', { name: /^node-1 Live/ }).waitFor();
    await stack.addNode();
    await page.getByRole('row', { name: /^node-2 Live/ }).waitFor();
    await page.getByRole('button', { name: 'Actions for node-2' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke node' }).click();
    await page.getByRole('dialog', { name: 'Secrets that node-2 could read' }).getByRole('link', { name: 'Practice' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: /^node-2 Revoked/ }).waitFor();
    // What is left to be replaced can be looked up again.
    await page.getByRole('button', { name: 'Actions for node-2' }).click();
    await page.getByRole('menuitem', { name: 'Secrets it could read' }).click();
    await page.getByRole('dialog', { name: 'Secrets that node-2 could read' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('a pool, a limit and a management token that others make show without a reload', async () => {
    await go('/experience', 'Experience');
    await page.getByRole('heading', { name: 'Pools' }).waitFor();
    await change('poolCreate(input: { name: "Sponsored", cap: { limit: "12.50", window: DAY } }) { userErrors { message } }');
    await page.getByRole('heading', { name: 'Sponsored' }).waitFor();
    await go('/settings', 'Settings');
    await page.getByText('No management token').waitFor();
    await change('managementTokenCreate(input: { name: "nightly", scopes: ["keys:read"] }) { userErrors { message } }');
    await page.getByRole('row', { name: /^nightly/ }).waitFor();
    await change(`quotaSet(input: { subject: { keyId: "${key.id}" }, limit: "7.25", window: WEEK }) { userErrors { message } }`);
    await page.getByRole('row', { name: /^first Key every week/ }).waitFor();
  });

  test('with the keyboard alone a key is made; its secret works, is shown once, and is nowhere after that', async () => {
    await go('/keys', 'Keys');
    await page.getByRole('row', { name: 'first' }).waitFor();
    await tabTo('Create key');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Create a key' }).waitFor();
    await page.keyboard.type('typed');
    await page.keyboard.press('Tab');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Your new key' });
    await dialog.waitFor();
    await tabTo('Hold to show');
    expect(await everythingIn(page)).not.toMatch(/flk_[\w-]{30,}/);
    await page.keyboard.down('Space');
    const secret = (await dialog.getByLabel('Secret of the key').textContent()) ?? '';
    await page.keyboard.up('Space');
    expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /^typed/ }).waitFor();
    expect(await everythingIn(page)).not.toContain(secret);
    await page.reload();
    await page.getByRole('row', { name: /^typed/ }).waitFor();
    expect(await everythingIn(page)).not.toContain(secret);
  });

  test('the slash goes to the search, g and a letter to a page, and a dialog keeps the focus', async () => {
    await go('/keys', 'Keys');
    await page.getByRole('row', { name: 'first' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no such key');
    await page.getByText('No key fits').waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let count = 0; count < 20; count++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
  });

  test('a provider connected through the form answers, a refused address is told in words, and its secret is nowhere', async () => {
    const secret = secondCredential;
    await go('/upstreams', 'Providers');
    await page.getByRole('button', { name: 'Another provider' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('By form');
    await dialog.getByLabel('Secret', { exact: true }).fill(secret);
    await dialog.getByLabel('Address').fill('http://169.254.169.254');
    await dialog.getByLabel('Models').fill('claude-haiku-4-5');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.getByRole('alert').filter({ hasText: /address|https/i }).first().waitFor();
    await dialog.getByLabel('Address').fill(stack.practiceUrl);
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'By form' }).waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(await everythingIn(page)).not.toContain(secret);
    const { upstreams } = await stack.api.run('{ upstreams { nodes { name baseUrl models { model } credentials { hint } } } }');
    expect(upstreams.nodes.find((row: { name: string }) => row.name === 'By form')).toMatchObject({ baseUrl: stack.practiceUrl, models: [{ model: 'claude-haiku-4-5' }], credentials: [{}] });
    const heard = await ask(stack.node.url, key.secret, 'anthropic', { model: 'claude-haiku-4-5', stream: true });
    expect([heard.status, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([200, 'By form']);
    expect(placesOf(stack, secret).found).toEqual([]);
    await page.reload();
    await page.getByRole('heading', { name: 'By form' }).waitFor();
    expect(await everythingIn(page)).not.toContain(secret);
  });

  test('a pool, a campaign, a limit and a token made through their forms are there, and a pause counts at once', async () => {
    await go('/experience', 'Experience');
    await page.getByRole('button', { name: 'Create pool' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Formed pool');
    await dialog.getByLabel('Cap in dollars').fill('40');
    await dialog.getByRole('button', { name: 'Create pool' }).click();
    await page.getByRole('heading', { name: 'Formed pool' }).waitFor();
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await dialog.getByLabel('Name').fill('Formed campaign');
    await dialog.getByLabel('Pool').selectOption('Formed pool');
    await dialog.getByLabel('Dollars for each key').fill('0.05');
    await dialog.getByRole('button', { name: 'Create campaign' }).click();
    await page.getByRole('row', { name: /^Formed campaign formed-campaign Active Formed pool \$0\.05 for 3 days/ }).waitFor();
    await page.getByRole('button', { name: 'Pause Formed pool' }).click();
    await page.getByRole('button', { name: 'Resume Formed pool' }).waitFor();
    const { experienceOffers } = await stack.api.as({}).run('{ experienceOffers { campaign open } }');
    expect(experienceOffers.filter((offer: { campaign: string; open: boolean }) => offer.campaign === 'formed-campaign' && offer.open)).toEqual([]);

    await go('/settings', 'Settings');
    await page.getByRole('button', { name: 'Set a limit' }).click();
    await dialog.getByLabel('Dollars in a window').fill('80');
    await dialog.getByRole('button', { name: 'Set limit' }).click();
    await page.getByRole('row', { name: /Account every month \$0\.\d+ of \$80\.00/ }).waitFor();
    await page.getByRole('button', { name: 'Create token' }).click();
    await dialog.getByLabel('Name').fill('by form');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('row', { name: /^by form/ }).waitFor();
    expect(await everythingIn(page)).not.toMatch(/flm_[\w-]{30,}/);
  });

  test('anybody gets a key from the public page, and claims it after signing in', async () => {
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(`${stack.controlUrl}/try`);
    await stranger.getByRole('button', { name: 'Get a key: Practice' }).click();
    await stranger.getByText('Waiting for its first request').waitFor();
    const secret = (await stranger.getByRole('group', { name: 'Your key' }).textContent()) ?? '';
    expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
    await stranger.getByText('The first request has arrived.').waitFor();
    const claim = (await stranger.getByRole('group', { name: 'Keep the key' }).textContent()) ?? '';
    await stranger.context().close();
    await page.goto(claim);
    await page.getByRole('button', { name: 'Make it mine' }).click();
    await page.getByText('The key is yours now.').waitFor();
    expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
  });

  test('no page has reported an error', () => {
    expect(errors).toEqual([]);
  });

  /** Presses Tab until a control with this name has the focus. */
  async function tabTo(name: string): Promise<void> {
    for (let count = 0; count < 40; count++) {
      const focused = String(await page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()"));
      if (focused === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach "${name}"`);
  }
});
