// Headers of every answer (trust.md 4.6). The console loads nothing from elsewhere and runs nothing but its own files;
// the nonce is for the style sheets that its UI library writes at run time.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newToken } from './ids';

const nonces = new WeakMap<FastifyRequest, string>();

const fixed: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

/** Nonce of the answer to this request; new for each. */
export function nonceOf(request: FastifyRequest): string {
  const nonce = nonces.get(request);
  if (nonce === undefined) throw new Error('no nonce: addSecurityHeaders must come before the routes');
  return nonce;
}

export function addSecurityHeaders(http: FastifyInstance): void {
  http.addHook('onRequest', (request, reply, done) => {
    const nonce = newToken(16);
    nonces.set(request, nonce);
    reply.headers({ ...fixed, 'content-security-policy': contentSecurityPolicy(nonce) });
    // What the API says is for one person at one moment; routes of immutable content say otherwise themselves.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    done();
  });
}
