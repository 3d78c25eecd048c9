import { Refused } from '#kernel/decider';
import { mediaTypeOf } from '#chassis/media-type';
import { evidenceType } from './evidence-kind';

const beginnings: Readonly<Record<string, string>> = {
  pdf: '255044462d312e37',
  zip: '504b030414000600',
  ole: 'd0cf11e0a1b11ae1',
  jpg: 'ffd8ffe000104a46',
  png: '89504e470d0a1a0a',
  exe: '4d5a900003000000',
  text: Buffer.from('会议记录').toString('hex'),
};
const typeOf = (name: string, beginning: string) =>
  evidenceType(name, mediaTypeOf(Buffer.from(beginnings[beginning] ?? '', 'hex'), name));

describe('佐证材料的文件类型', () => {
  it.each([
    ['记录.pdf', 'pdf', 'application/pdf'],
    ['记录.PDF', 'pdf', 'application/pdf'],
    ['制度.docx', 'zip', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['台账.xlsx', 'zip', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['汇报.pptx', 'zip', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    ['旧稿.doc', 'ole', 'application/msword'],
    ['旧表.xls', 'ole', 'application/vnd.ms-excel'],
    ['公文.ofd', 'zip', 'application/ofd'],
    ['照片.jpg', 'jpg', 'image/jpeg'],
    ['截图.png', 'png', 'image/png'],
    ['说明.txt', 'text', 'text/plain'],
  ])('%s with the content of %s is taken as %s', (name, beginning, type) => expect(typeOf(name, beginning)).toBe(type));

  it.each([
    ['材料.zip', 'zip'],
    ['程序.exe', 'exe'],
    ['程序.pdf', 'exe'],
    ['改名.pdf', 'zip'],
    ['改名.docx', 'pdf'],
    ['改名.txt', 'png'],
    ['无后缀', 'pdf'],
    ['怪.constructor', 'pdf'],
  ])('%s with the content of %s is refused', (name, beginning) =>
    expect(() => typeOf(name, beginning)).toThrow(new Refused('evidence.type')),
  );
});
