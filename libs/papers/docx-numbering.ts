// Word counts 一、 (一) 1. by itself and stores no number in the text, so a reader of the words alone loses every
// heading. This file recounts them from numbering.xml; a format it does not know stays without number and is counted.

/** One w:p of the document: its words, and the number Word would print (undefined: none, null: format unknown). */
export interface NumberedParagraph {
  words: string;
  label: string | undefined | null;
}

interface Level {
  start: number;
  format: string;
  pattern: string;
}

interface Definitions {
  /** numId → level index → level. */
  lists: Map<string, Map<number, Level>>;
  /** numId → id of the counters it shares. */
  counters: Map<string, string>;
  /** paragraph style → [numId, level]. */
  styles: Map<string, [string, number]>;
}

const cnDigits = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

function chinese(value: number): string | undefined {
  if (value < 1 || value > 99) return undefined;
  const tens = Math.floor(value / 10);
  return `${tens === 0 ? '' : tens === 1 ? '十' : `${cnDigits[tens]}十`}${cnDigits[value % 10]}`;
}

function written(value: number, format: string): string | undefined {
  switch (format) {
    case 'decimal':
    case 'decimalFullWidth':
    case 'decimalHalfWidth':
      return String(value);
    case 'chineseCounting':
    case 'chineseCountingThousand':
    case 'japaneseCounting':
    case 'taiwaneseCountingThousand':
      return chinese(value);
    case 'decimalEnclosedCircle':
    case 'decimalEnclosedCircleChinese':
      return value >= 1 && value <= 20 ? String.fromCharCode(0x2460 + value - 1) : undefined;
    default:
      return undefined;
  }
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\sw:${name}="([^"]*)"`).exec(tag)?.[1];
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp|#\d{1,7}|#x[\da-f]{1,6});/gi, (entity) => {
    const named: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
    if (named[entity] !== undefined) return named[entity];
    const code = entity[2] === 'x' ? parseInt(entity.slice(3), 16) : Number(entity.slice(2, -1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

/** Blocks <w:name …>…</w:name> of an XML part; the parts read here never nest one in its like. */
function blocks(xml: string, name: string): { tag: string; body: string }[] {
  const found: { tag: string; body: string }[] = [];
  const open = new RegExp(`<w:${name}(?=[\\s>])[^>]*>`, 'g');
  for (let match = open.exec(xml); match; match = open.exec(xml)) {
    if (match[0].endsWith('/>')) continue;
    const end = xml.indexOf(`</w:${name}>`, open.lastIndex);
    if (end === -1) break;
    found.push({ tag: match[0], body: xml.slice(open.lastIndex, end) });
    open.lastIndex = end;
  }
  return found;
}

function valueOf(body: string, name: string): string | undefined {
  const tag = new RegExp(`<w:${name}(?=[\\s/>])[^>]*>`).exec(body)?.[0];
  return tag === undefined ? undefined : attribute(tag, 'val');
}

function readLevel(body: string): Level {
  return {
    start: Number(valueOf(body, 'start') ?? '1') || 0,
    format: valueOf(body, 'numFmt') ?? 'decimal',
    pattern: unescapeXml(valueOf(body, 'lvlText') ?? ''),
  };
}

function readDefinitions(numberingXml: string, stylesXml: string): Definitions {
  const abstracts = new Map<string, Map<number, Level>>();
  const styleLevels = new Map<string, [string, number]>();
  for (const { tag, body } of blocks(numberingXml, 'abstractNum')) {
    const id = attribute(tag, 'abstractNumId') ?? '';
    const levels = new Map<number, Level>();
    for (const level of blocks(body, 'lvl')) {
      const index = Number(attribute(level.tag, 'ilvl') ?? '0');
      levels.set(index, readLevel(level.body));
      const style = valueOf(level.body, 'pStyle');
      if (style !== undefined) styleLevels.set(style, [id, index]);
    }
    abstracts.set(id, levels);
  }
  const definitions: Definitions = { lists: new Map(), counters: new Map(), styles: new Map() };
  for (const { tag, body } of blocks(numberingXml, 'num')) {
    const id = attribute(tag, 'numId') ?? '';
    const abstractId = valueOf(body, 'abstractNumId') ?? '';
    const levels = new Map(abstracts.get(abstractId));
    const overrides = blocks(body, 'lvlOverride');
    for (const override of overrides) {
      const index = Number(attribute(override.tag, 'ilvl') ?? '0');
      const inner = blocks(override.body, 'lvl')[0];
      const start = valueOf(override.body, 'startOverride');
      const level = inner ? readLevel(inner.body) : levels.get(index);
      if (level) levels.set(index, start === undefined ? level : { ...level, start: Number(start) });
    }
    definitions.lists.set(id, levels);
    // Lists of one abstract definition go on counting, unless the list restarts by an override of its own.
    definitions.counters.set(id, overrides.length > 0 ? `num ${id}` : `abstract ${abstractId}`);
    for (const [style, [owner, index]] of styleLevels)
      if (owner === abstractId) definitions.styles.set(style, [id, index]);
  }
  for (const { tag, body } of blocks(stylesXml, 'style')) {
    const numId = valueOf(body, 'numId');
    const style = attribute(tag, 'styleId');
    if (style === undefined || numId === undefined) continue;
    const index = Number(valueOf(body, 'ilvl') ?? definitions.styles.get(style)?.[1] ?? 0);
    definitions.styles.set(style, [numId, index]);
  }
  return definitions;
}

/** Counts as Word does: a paragraph of a level raises its counter and resets the deeper ones. */
class ListCounter {
  private readonly values = new Map<string, number[]>();

  constructor(private readonly definitions: Definitions) {}

  label(numId: string, index: number): string | undefined | null {
    const levels = this.definitions.lists.get(numId);
    const level = levels?.get(index);
    if (numId === '0' || !levels || !level || level.format === 'none') return undefined;
    const key = this.definitions.counters.get(numId) ?? numId;
    const values = this.values.get(key) ?? [];
    values[index] = values[index] === undefined ? level.start : values[index] + 1;
    values.length = index + 1;
    this.values.set(key, values);
    if (level.format === 'bullet') return undefined;
    let known = true;
    const label = level.pattern.replace(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1;
      const text = written(values[at] ?? levels.get(at)?.start ?? 1, levels.get(at)?.format ?? 'decimal');
      known &&= text !== undefined;
      return text ?? '';
    });
    return known ? label : null;
  }
}

/** The paragraphs of word/document.xml in order, with the numbers Word would print. Linear in the size of the parts. */
export function numberedParagraphs(documentXml: string, numberingXml: string, stylesXml: string): NumberedParagraph[] {
  const definitions = readDefinitions(numberingXml, stylesXml);
  const counter = new ListCounter(definitions);
  return blocks(documentXml, 'p').map(({ body }) => {
    const words = [...body.matchAll(/<w:t(?:\s[^>]*)?>([^<]*)<\/w:t>/g)]
      .map((run) => unescapeXml(run[1] ?? ''))
      .join('');
    const propertiesEnd = body.indexOf('</w:pPr>');
    const properties = propertiesEnd === -1 ? '' : body.slice(0, propertiesEnd);
    const style = definitions.styles.get(valueOf(properties, 'pStyle') ?? '');
    const numId = valueOf(properties, 'numId') ?? style?.[0];
    if (numId === undefined) return { words, label: undefined };
    return { words, label: counter.label(numId, Number(valueOf(properties, 'ilvl') ?? style?.[1] ?? 0)) };
  });
}
