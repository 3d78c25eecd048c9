// Runs before everything else in the page. The service sends a policy without 'unsafe-inline' and with Trusted Types;
// two libraries would break it: antd injects style elements without the nonce and fills them through innerHTML, and zod
// probes for eval. Both are told off here, once, instead of loosening the policy.
import { config } from 'zod';

config({ jitless: true });

/** The nonce that the service put into this very page; empty when the page was not served by it. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const plainCreate = document.createElement.bind(document);

function createStrictly(name: string, options?: ElementCreationOptions): HTMLElement {
  const element = plainCreate(name, options);
  if (element instanceof HTMLStyleElement) {
    element.nonce = styleNonce;
    // innerHTML is a Trusted Types sink even on a style element, whose content is text anyway.
    Object.defineProperty(element, 'innerHTML', {
      configurable: true,
      get: () => element.textContent ?? '',
      set: (rules: string) => {
        element.textContent = rules;
      },
    });
  }
  return element;
}

document.createElement = createStrictly as typeof document.createElement;
