// A real browser for the stories: what it needs, and what it tells about every page that was opened in it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, ConsoleMessage } from 'playwright-core';

const root = join(__dirname, '..', '..');
const failed = 'Failed to load resource: ';
/** Nobody signed in; a rule that says no. */
const refusals = new RegExp(`^${failed}the server responded with a status of (401|409) `);
export const nothingThere = new RegExp(`^${failed}the server responded with a status of 404 `);
export const serviceDown = new RegExp(`^${failed}net::ERR_|/api/live|status of (401|503) `);
export const screen = { width: 1366, height: 768 } as const;

function chromiumPath(): string {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)];
  const candidates = folders.flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)));
  return candidates.find(runnable) ?? '';
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why this machine cannot tell a story in the browser; empty when it can. */
export function missingHere(): string {
  if (chromiumPath() === '') return 'no chromium on this machine';
  const fonts = spawnSync('fc-list', [':lang=zh', 'family'], { encoding: 'utf8' });
  if (fonts.status !== 0 || fonts.stdout.trim() === '') return 'no Chinese font on this machine';
  if (!existsSync(join(root, 'dist/web/index.html'))) return 'dist/web is not built, run npm run build';
  return '';
}

export function startBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ executablePath: chromiumPath(), args });
}

// Text and not a function: it runs in the page, whose types are not those of a test.
const tellingViolations = `
document.addEventListener('securitypolicyviolation', (event) =>
  tellViolation([location.pathname, event.violatedDirective, event.blockedURI, event.sample].join(' ')));
`;

/** Everything that pages did which they must not do, and how much was looked at. */
export class Watch {
  readonly faults: string[] = [];
  requests = 0;
  pages = 0;
  private expected: RegExp = refusals;
  private readonly origins: ReadonlySet<string>;

  constructor(urls: readonly string[]) {
    this.origins = new Set(urls.map((url) => new URL(url).origin));
  }

  async over(context: BrowserContext): Promise<void> {
    // What would leave for another host never gets there, and is told.
    await context.route(
      (url) => !this.origins.has(url.origin),
      (route) => {
        this.faults.push(`request to another host: ${route.request().url()}`);
        return route.abort();
      },
    );
    await context.exposeBinding('tellViolation', (_source, told: string) => this.faults.push(`CSP violation: ${told}`));
    await context.addInitScript({ content: tellingViolations });
    context.on('request', () => (this.requests += 1));
    context.on('console', (message) => this.hear(message));
    context.on('weberror', (error) => this.faults.push(`uncaught: ${error.error().message}`));
  }

  /** What was found since the last call. @param expected what Chrome may write of the answers to the next steps */
  take(expected = refusals): string[] {
    this.expected = expected;
    return this.faults.splice(0);
  }

  /** Chrome itself writes a line for each refusal; that one comes, and as which status, is what we want. */
  private hear(message: ConsoleMessage): void {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = message.text();
    if (this.expected.test(text)) return;
    this.faults.push(`console ${message.type()} on ${message.location().url}: ${text}`);
  }
}
