// The forms in which addresses, logs and peers are written in settings.
import { z } from 'zod';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { BadKafkaUrl, parseKafkaUrl } from '#stream/kafka/kafka-url';
import { parseVkey } from '#tlog/key';
import { parseSm2Vkey } from '#tlog/sm2-key';

export const host = z.string().regex(/^\S+$/, 'not an address');
export const port = z.coerce.number().int().min(0).max(65_535);
export const origin = z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/, 'not of the form host/path');
export const url = z.string().refine(isHttpUrl, 'not an http(s) URL');
export const eventStoreUrl = z.string().regex(/^(esdb|kurrentdb)(\+discover)?:\/\/\S+$/, 'not an EventStoreDB URL');
export const kafkaUrl = z.string().superRefine((text, context) => {
  for (const message of kafkaFaults(text)) context.addIssue({ code: 'custom', message });
});
/** A number as it stands in a variable. */
export const number = (least: number, most: number, unset: number) =>
  z.coerce.number().min(least).max(most).default(unset);
export const whole = (least: number, most: number, unset: number) =>
  z.coerce.number().int().min(least).max(most).default(unset);
export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/\S+$/, 'not a PostgreSQL URL');
export const vkey = z.string().refine(isBy(parseVkey), 'not a verifier key');
export const peer = z.strictObject({
  agency: z.enum(agencies as [Agency, ...Agency[]]),
  url,
  origin: origin.optional(),
  vkey: vkey.optional(),
  witness: vkey.optional(),
  sm2: z.string().refine(isBy(parseSm2Vkey), 'not an SM2 verifier key').optional(),
});
export const peers = z.string().transform((text, context) => {
  try {
    return z.array(peer).parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? error.issues.map(issueText).join(', ') : 'not JSON';
    context.addIssue({ code: 'custom', message: what });
    return z.NEVER;
  }
});

function issueText(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}`.trim();
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function kafkaFaults(text: string): readonly string[] {
  try {
    parseKafkaUrl(text);
    return [];
  } catch (error) {
    if (error instanceof BadKafkaUrl) return error.faults;
    throw error;
  }
}

function isBy(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
}
