// What the agencies promised each other stays as it was promised: a kept sample of every published version is read by
// the contract of today, and every word of the seam has its row in the glossary and its sentence.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes, canonicalize } from '#kernel/canonical-json';
import { publishedEvents } from '#contracts/events';
import type { PublishedType } from '#contracts/events';
import { messages, sentence } from '#contracts/messages.zh';
import { permissions, roles } from '#contracts/roles';
import { ruleSets } from '#contracts/rule-sets';
import { holidays } from '#kernel/holidays';
import { addWorkingDays } from '#kernel/working-days';
import { paperRefusalText } from '#papers/paper-refused';
import { labelOf } from '#joint/ledger/event-words';

const root = join(__dirname, '..', '..');
const types = Object.keys(publishedEvents) as PublishedType[];
const samples = readdirSync(__dirname).filter((name) => name.endsWith('.json'));
const sampleOf = (type: string): unknown => JSON.parse(readFileSync(join(__dirname, `${type}.json`), 'utf8'));
const glossary = readFileSync(join(root, 'GLOSSARY.md'), 'utf8');

describe('published events', () => {
  it('have a kept sample each, and there is no sample without its event', () =>
    expect(samples.map((name) => name.replace(/\.json$/, '')).sort()).toEqual([...types].sort()));

  it.each(types)('%s reads its kept sample without loss', (type) => {
    const sample = sampleOf(type);
    expect(canonicalize(publishedEvents[type].parse(sample))).toBe(canonicalize(sample));
  });

  it.each(types)('%s demands every field that its sample has', (type) => {
    const sample = sampleOf(type) as Record<string, unknown>;
    for (const field of Object.keys(sample)) {
      const { [field]: _, ...rest } = sample;
      expect(publishedEvents[type].safeParse(rest).success).toBe(false);
    }
  });

  it.each(types)('%s drops what its contract does not know, so nothing slips out', (type) => {
    const sample = { ...(sampleOf(type) as object), internal: 'stays inside' };
    expect(publishedEvents[type].parse(sample)).not.toHaveProperty('internal');
  });

  it('of the largest kind fit into one entry of 65,535 bytes, envelope included', () => {
    const character = '题';
    const sample = sampleOf('inspection.close-out-requested.v1') as Record<string, unknown>;
    const largest = {
      ...sample,
      result: character.repeat(4000),
      causeRemoved: character.repeat(2000),
      generalisation: character.repeat(2000),
      evidence: Array.from({ length: 200 }, () => 'f'.repeat(64)),
    };
    expect(canonicalBytes(largest).length).toBeLessThan(65_535 - 8_192);
    const issue = sampleOf('inspection.issue-registered.v1') as Record<string, unknown>;
    const longest = {
      ...issue,
      text: character.repeat(8000),
      title: character.repeat(500),
      group: character.repeat(300),
    };
    expect(canonicalBytes(longest).length).toBeLessThan(65_535 - 8_192);
  });

  it.each(types)('%s has a row in the glossary and a label', (type) => {
    expect(glossary).toContain(`\`${type}\``);
    expect(labelOf({ type } as Parameters<typeof labelOf>[0])).toMatch(/\p{Script=Han}/u);
  });
});

describe('refusals', () => {
  it.each(Object.keys(messages))('%s says in Chinese what happened, as a whole sentence', (code) => {
    expect(sentence(code)).toMatch(/\p{Script=Han}/u);
    expect(sentence(code)).toMatch(/[。}]$|。$/u);
    expect(code).toMatch(/^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/);
  });
  it('of papers say the same over HTTP as on the command line', () => {
    for (const [code, text] of Object.entries(paperRefusalText)) expect(messages[code]).toBe(text);
  });
});

describe('roles and terms', () => {
  it('stand in the glossary', () => {
    for (const role of Object.keys(roles)) expect(glossary).toContain(`\`${role}\``);
    for (const set of ruleSets) expect(glossary).toContain(set.name);
  });
  it('every permission is somebody’s', () => {
    for (const [permission, holders] of Object.entries(permissions)) {
      expect([permission, holders.length > 0]).toEqual([permission, true]);
    }
  });
  it('rule sets reckon on the decreed calendar', () => {
    for (const { terms } of ruleSets) {
      if ('workingDays' in terms.claim) {
        expect(addWorkingDays('2025-03-03', terms.claim.workingDays, holidays)).toBe('2025-03-10');
      }
    }
  });
});
