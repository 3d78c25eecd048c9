// deploy/kubernetes against what the services know: one base, one overlay an agency.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { readConfig } from '#chassis/config';
import { documents, root, settings, textOf } from './deployment';

type Kind = { readonly kind: string; readonly metadata: { readonly name: string } };
type Variable = { readonly name: string; readonly value?: string; readonly valueFrom?: { secretKeyRef: SecretKey } };
type SecretKey = { readonly name: string; readonly key: string; readonly optional?: boolean };
type Probe = { readonly httpGet: { readonly path: string; readonly port: string } };
type Container = {
  readonly args?: readonly string[];
  readonly image: string;
  readonly env: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: object;
};
type Pod = {
  readonly enableServiceLinks: boolean;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly [Container];
};
type Set = Kind & {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly metadata: { readonly annotations: Record<string, string> }; readonly spec: Pod };
  };
};
type Service = Kind & { readonly spec: { readonly ports: readonly { port: number; targetPort: string }[] } };
type Policy = Kind & { readonly spec: Record<'ingress' | 'egress', readonly Gate[] | undefined> };
type Gate = {
  readonly ports: readonly { readonly port: number }[];
  readonly to?: readonly Selector[];
  readonly from?: readonly Selector[];
};
type Selector = { readonly namespaceSelector: { readonly matchLabels: Record<string, string> } };
type Overlay = {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string; readonly newTag: string }[];
  readonly configMapGenerator: readonly [{ readonly literals: readonly string[] }];
  readonly secretGenerator?: unknown;
};

const [set] = documents<Set>('kubernetes/base/stateful-set.yaml');
const pod = set!.spec.template.spec;
const [container] = pod.containers;
const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
const overlayOf = (agency: Agency): Overlay => documents<Overlay>(`kubernetes/${agency}/kustomization.yaml`)[0]!;
const patchOf = (agency: Agency): Container =>
  documents<Set>(`kubernetes/${agency}/stateful-set.yaml`)[0]!.spec.template.spec.containers[0];
const literalsOf = (agency: Agency): Record<string, string> =>
  Object.fromEntries(
    overlayOf(agency).configMapGenerator[0].literals.map((each) => {
      const at = each.indexOf('=');
      return [each.slice(0, at), each.slice(at + 1).trim()];
    }),
  );
const secretsOf = (agency: Agency): Variable[] =>
  [...container.env, ...patchOf(agency).env].filter(({ valueFrom }) => valueFrom !== undefined);

describe('deploy/kubernetes', () => {
  it('runs one pod of an agency, without root, on a read-only root file system', () => {
    expect(set!.spec.replicas).toBe(1);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 });
    expect(pod.securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  it('keeps the variables that Kubernetes makes of service names away from the settings', () => {
    expect(pod.enableServiceLinks).toBe(false);
  });

  it('asks /health and /ready on the console, and reads /metrics there', () => {
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    expect(probes.map(({ httpGet }) => [httpGet.path, httpGet.port])).toEqual([
      ['/health', 'console'],
      ['/health', 'console'],
      ['/ready', 'console'],
    ]);
    const routes = textOf('libs/chassis/health.api.ts');
    for (const route of ['health', 'ready', 'metrics']) expect(routes).toContain(`@Get('${route}')`);
    expect(set!.spec.template.metadata.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/path': '/metrics',
      'prometheus.io/port': String(ports.get('console')),
    });
  });

  it('offers console and feed as two services', () => {
    const offered = documents<Service>('kubernetes/base/service.yaml').map(({ metadata, spec }) => [
      metadata.name,
      spec.ports[0]?.port,
      ports.get(spec.ports[0]?.targetPort as string),
    ]);
    expect(offered).toEqual([
      ['console', 8801, 8801],
      ['feed', 8804, 8804],
      ['agency', 8801, 8801],
    ]);
  });

  it('opens to other agencies the feed alone', () => {
    const [policy] = documents<Policy>('kubernetes/base/network-policy.yaml');
    const gates = [...(policy!.spec.ingress ?? []), ...(policy!.spec.egress ?? [])];
    for (const { ports: opened, from = [], to = [] } of gates) {
      // Neither an address nor "everybody": each gate names namespaces.
      expect([...from, ...to].length).toBeGreaterThan(0);
      const roles = [...from, ...to]
        .map(({ namespaceSelector }) => Object.values(namespaceSelector.matchLabels))
        .flat();
      if (roles.includes('agency')) expect([roles, opened.map(({ port }) => port)]).toEqual([['agency'], [8804]]);
      else expect(opened.map(({ port }) => port)).not.toContain(8804);
      for (const store of [5432, 2113]) expect(opened.map(({ port }) => port)).not.toContain(store);
    }
    for (const agency of agencies) {
      const [stores] = documents<Policy>(`kubernetes/${agency}/stores-policy.yaml`);
      const [gate] = stores!.spec.egress ?? [];
      expect(gate?.to?.[0]?.namespaceSelector.matchLabels).toEqual({ 'sanfang.example/stores-of': agency });
    }
  });

  it.each(agencies)('gives the %s settings that it starts with', (agency) => {
    const own = agency.toUpperCase();
    const literals = literalsOf(agency);
    const plain = container.env.filter(({ value }) => value !== undefined);
    const given = { ...literals, ...Object.fromEntries(plain.map(({ name, value }) => [name, value])) };
    for (const name of [...Object.keys(given), ...secretsOf(agency).map((each) => each.name)]) {
      expect(settings).toContain(name);
    }
    const config = readConfig(agency, {
      ...given,
      METRICS_TOKEN: 'x'.repeat(16),
      [`${own}_DATABASE_URL`]: 'postgres://sanfang@db/sanfang',
      [`${own}_EVENT_STORE_URL`]: 'esdb://store:2113?tls=true',
      [`${own}_KAFKA_URL`]: 'kafka://broker:9092',
    });
    expect([config.port, config.feedPort]).toEqual([ports.get('console'), ports.get('feed')]);
    expect(config.peers.map((peer) => [peer.agency, peer.url])).toEqual(
      agencies
        .filter((other) => other !== agency)
        .map((other) => [other, `http://feed.${overlayOf(other).namespace}.svc:8804`]),
    );
    for (const peer of config.peers)
      expect(literalsOf(peer.agency)[`${peer.agency.toUpperCase()}_ORIGIN`]).toBe(peer.origin);
    expect(patchOf(agency).args).toEqual([`dist/apps/${agency}/src/main.js`]);
    expect(overlayOf(agency).images).toEqual([{ name: 'sanfang', newTag: expect.stringMatching(/^\d+\.\d+\.\d+$/) }]);
  });

  it.each(agencies)('takes the secrets of the %s by reference, each of them required', (agency) => {
    const own = agency.toUpperCase();
    const names = ['METRICS_TOKEN', `${own}_DATABASE_URL`, `${own}_EVENT_STORE_URL`, `${own}_KAFKA_URL`];
    expect(secretsOf(agency).map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef])).toEqual(
      names.map((name) => [name, { name: 'sanfang', key: name }]),
    );
    expect(overlayOf(agency).secretGenerator).toBeUndefined();
  });

  it('holds no secret, and each overlay only files that are there', () => {
    for (const folder of ['base', ...agencies]) {
      const files = readdirSync(join(root, 'deploy/kubernetes', folder));
      for (const file of files) {
        expect(documents<Kind>(`kubernetes/${folder}/${file}`).map(({ kind }) => kind)).not.toContain('Secret');
      }
      const [{ resources }] = documents<Overlay>(`kubernetes/${folder}/kustomization.yaml`) as [Overlay];
      for (const resource of resources.filter((each) => each !== '../base')) expect(files).toContain(resource);
    }
  });
});
