import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Answers with a file of the built console, or with its entry page for the paths it draws itself. */
export interface ConsoleFiles { answer(request: Request, pathname: string): Response | undefined }

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.ico': 'image/x-icon', '.webp': 'image/webp', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json', '.wasm': 'application/wasm',
};

interface StoredFile { body: Uint8Array<ArrayBuffer>; type: string; etag: string; immutable: boolean; csp: string | undefined }

/** Loads the built console: everything is in memory, so no path of a request can reach any other file. */
export async function openConsoleFiles(folder: string): Promise<ConsoleFiles> {
  const files = new Map<string, StoredFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`FAIRLEAD_CONSOLE: the folder ${folder} cannot be read.`, { cause });
  });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const full = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, full).split(path.sep).join('/')}`;
    files.set(name, stored(name, new Uint8Array(await readFile(full))));
  }
  const entryPage = files.get('/200.html') ?? files.get('/index.html');
  if (!entryPage) throw new Error(`FAIRLEAD_CONSOLE: there is no built console in ${folder} (no index.html).`);
  return {
    answer(request, pathname) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
      const direct = files.get(pathname) ?? files.get(`${pathname.replace(/\/$/, '')}/index.html`) ?? files.get(`${pathname}.html`);
      // A missing script must be a 404, not a page that parses as none.
      const file = direct ?? (path.posix.extname(pathname) === '' || request.headers.get('accept')?.includes('text/html') ? entryPage : undefined);
      return file && respond(file, request);
    },
  };
}

function respond(file: StoredFile, request: Request): Response {
  const headers = new Headers({ 'content-type': file.type, etag: file.etag, 'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache' });
  if (file.csp) headers.set('content-security-policy', file.csp);
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === 'HEAD' ? null : file.body, { headers });
}

function stored(name: string, body: Uint8Array<ArrayBuffer>): StoredFile {
  const extension = path.posix.extname(name);
  return {
    body, type: types[extension] ?? 'application/octet-stream', etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    immutable: name.includes('/immutable/'), csp: extension === '.html' ? pagePolicy(new TextDecoder().decode(body)) : undefined,
  };
}

/** The policy of a page: its own files, and exactly the inline scripts that it was built with. */
export function pagePolicy(html: string): string {
  const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => `'sha256-${createHash('sha256').update(match[1] ?? '').digest('base64')}'`);
  return [
    "default-src 'self'", `script-src 'self' ${scripts.join(' ')}`.trim(), "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'",
    "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'",
  ].join('; ');
}
