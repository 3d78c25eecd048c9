import { zipOf as zip, zipPart as part } from '#testing/sample-zip';
import type { ZipPart as Part } from '#testing/sample-zip';
import { outline } from './outline';
import { PaperRefused } from './paper-refused';
import { readPaper } from './read-paper';

const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRels = 'http://schemas.openxmlformats.org/package/2006/relationships';

function paragraph(words: string, level?: number): string {
  const numbered =
    level === undefined ? '' : `<w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr></w:pPr>`;
  return `<w:p>${numbered}<w:r><w:t>${words}</w:t></w:r></w:p>`;
}

function level(index: number, format: string, text: string): string {
  return `<w:lvl w:ilvl="${index}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
}

function docx(body: string, more: Part[] = [], thirdFormat = 'decimal'): Buffer {
  const levels =
    level(0, 'chineseCounting', '%1、') + level(1, 'chineseCounting', '（%2）') + level(2, thirdFormat, '%3.');
  return zip([
    part(
      '[Content_Types].xml',
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    ),
    part(
      '_rels/.rels',
      `<Relationships xmlns="${packageRels}"><Relationship Id="r1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    part(
      'word/_rels/document.xml.rels',
      `<Relationships xmlns="${packageRels}"><Relationship Id="r2" Type="${office}/numbering" Target="numbering.xml"/></Relationships>`,
    ),
    part(
      'word/document.xml',
      `<?xml version="1.0" encoding="UTF-8"?><w:document ${w}><w:body>${body}</w:body></w:document>`,
    ),
    part(
      'word/numbering.xml',
      `<w:numbering ${w}><w:abstractNum w:abstractNumId="7">${levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>`,
    ),
    ...more,
  ]);
}

const report = [
  paragraph('某县水文站党支部关于巡察整改情况的报告'),
  paragraph('现将整改情况报告如下：'),
  paragraph('组织整改落实情况', 0),
  paragraph('多次研究。'),
  paragraph('巡察反馈问题整改情况', 0),
  paragraph('关于党的建设弱化的问题', 1),
  paragraph('“三会一课”不规范', 2),
  paragraph('整改状态：完成'),
  paragraph('党费收缴不及时', 2),
  paragraph('整改情况：逐月收缴。'),
  paragraph('关于内部管理松散的问题', 1),
  paragraph('台账缺失', 2),
].join('');

async function refusal(name: string, bytes: Uint8Array): Promise<string> {
  try {
    await readPaper(name, bytes);
  } catch (error) {
    if (error instanceof PaperRefused) return error.code;
    throw error;
  }
  return 'read';
}

describe('reading a docx', () => {
  test('automatic numbers of Word are written out, so that the outline finds its levels', async () => {
    const { text, encoding, unnumbered } = await readPaper('报告.docx', docx(report));
    expect([encoding, unnumbered]).toEqual(['docx', undefined]);
    expect(text.split('\n').filter((line) => /^(?:[一二]、|（|\d)/.test(line))).toEqual([
      '一、组织整改落实情况',
      '二、巡察反馈问题整改情况',
      '（一）关于党的建设弱化的问题',
      '1.“三会一课”不规范',
      '2.党费收缴不及时',
      '（二）关于内部管理松散的问题',
      '1.台账缺失',
    ]);
    expect(outline(text).leaves.map(({ path, title, status }) => [path, title, status])).toEqual([
      ['二/(一)/1', '“三会一课”不规范', '完成'],
      ['二/(一)/2', '党费收缴不及时', undefined],
      ['二/(二)/1', '台账缺失', undefined],
    ]);
  });

  test('a number format that is not known is counted, not guessed', async () => {
    const { text, unnumbered } = await readPaper('报告.docx', docx(report, [], 'hebrew1'));
    expect(unnumbered).toBe(3);
    expect(text).toContain('\n台账缺失');
  });

  const bomb = part('word/media/a.bin', Buffer.alloc(60 * 1024 * 1024));
  const huge = ['b', 'c'].map((name) => part(`word/media/${name}.bin`, Buffer.alloc(60 * 1024 * 1024)));
  const target = 'Target="http://example.invalid/t.dotm" TargetMode="External"';
  const template = `<Relationships xmlns="${packageRels}"><Relationship Id="r9" Type="${office}/attachedTemplate" ${target}/></Relationships>`;
  test.each<[string, string, () => Uint8Array, string]>([
    ['a bomb by ratio', 'a.docx', () => docx(report, [bomb]), 'paper.bomb'],
    ['a bomb by size', 'a.docx', () => docx(report, huge), 'paper.bomb'],
    ['a bomb whose directory lies', 'a.docx', () => docx(report, [{ ...bomb, claimed: 1000 }]), 'paper.damaged'],
    [
      'too many entries',
      'a.docx',
      () =>
        docx(
          report,
          Array.from({ length: 2001 }, (_, at) => part(`x/${at}`, '')),
        ),
      'paper.bomb',
    ],
    ['an archive inside', 'a.docx', () => docx(report, [part('word/media/x.zip', 'PK')]), 'paper.bomb'],
    [
      'an archive inside under another name',
      'a.docx',
      () => docx(report, [part('word/media/x.png', zip([]).fill('PK\u0003\u0004', 0, 4))]),
      'paper.bomb',
    ],
    ['a macro', 'a.docx', () => docx(report, [part('word/vbaProject.bin', 'x')]), 'paper.macro'],
    ['an embedded object', 'a.docx', () => docx(report, [part('word/embeddings/oleObject1.bin', 'x')]), 'paper.macro'],
    [
      'an external template',
      'a.docx',
      () => docx(report, [part('word/_rels/settings.xml.rels', template)]),
      'paper.macro',
    ],
    ['a path that climbs', 'a.docx', () => docx(report, [part('../x.xml', '<a/>')]), 'paper.damaged'],
    [
      'a DOCTYPE',
      'a.docx',
      () => docx(report, [part('word/x.xml', '<!DOCTYPE a [<!ENTITY b "c">]><a/>')]),
      'paper.damaged',
    ],
    ['broken XML', 'a.docx', () => docx('<w:p><w:r>'), 'paper.damaged'],
    ['half a file', 'a.docx', () => docx(report).subarray(0, 600), 'paper.damaged'],
    ['no document part', 'a.docx', () => zip([part('a.xml', '<a/>')]), 'paper.damaged'],
    ['a text called docx', 'a.docx', () => Buffer.from('不是文档'), 'paper.damaged'],
    ['a document without words', 'a.docx', () => docx('<w:p/>'), 'paper.empty'],
    ['no bytes', 'a.docx', () => new Uint8Array(), 'paper.empty'],
    ['twenty-one megabytes', 'a.docx', () => Buffer.alloc(21 * 1024 * 1024, 'PK'), 'paper.tooLarge'],
    ['an old .doc', 'a.doc', () => Buffer.from('d0cf11e0', 'hex'), 'paper.kind'],
    ['an old .doc called docx', 'a.docx', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'paper.kind'],
    ['a PDF', 'a.pdf', () => Buffer.from('%PDF-1.7'), 'paper.kind'],
    ['a docx called txt', 'a.txt', () => docx(report), 'paper.notText'],
  ])('%s is refused', async (_, name, make, code) => expect(await refusal(name, make())).toBe(code), 20_000);
});
