// What the deployment files say, as plain values, for the specs beside this file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { agencies } from '#kernel/envelope';
import { exampleEnvironment } from '#chassis/config';

export const root = join(__dirname, '..', '..');
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Names of all settings that a service knows. */
export const settings: ReadonlySet<string> = new Set(
  [...exampleEnvironment().matchAll(/^#?([A-Z_]+)=/gm)].map((match) => match[1] as string),
);

export type ComposeService = {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly unknown[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
};

export type Compose = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

export const compose = parse(textOf('docker-compose.yml'), { merge: true }) as Compose;
export const services = Object.entries(compose.services);

/** Whose a service is; undefined for the exchange, which is nobody's. */
export function ownerOf(service: string): string | undefined {
  return agencies.find((agency) => service === agency || service.startsWith(`${agency}-`));
}

/** Names of the networks that a service is in. */
export function networksOf({ networks = [] }: ComposeService): string[] {
  return Array.isArray(networks) ? (networks as string[]) : Object.keys(networks);
}

/** All documents of a file under deploy/. */
export function documents<Document>(path: string): Document[] {
  return parseAllDocuments(textOf(`deploy/${path}`)).map((each) => each.toJS() as Document);
}

/** Images by an exact version: what was tried is what runs. */
export const pinned = /^[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?$/;
