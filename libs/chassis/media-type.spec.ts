import { mediaTypeOf } from './media-type';

describe('what a file is', () => {
  it.each([
    ['%PDF-1.7', '整改报告.pdf', 'application/pdf'],
    ['%PDF-1.7', '照片.png', 'application/pdf'],
    ['\x89PNG\r\n\x1a\n', 'a', 'image/png'],
    ['\xff\xd8\xff\xe0', 'a.txt', 'image/jpeg'],
    ['PK\x03\x04', 'a.DOCX', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['PK\x03\x04', 'a.jar', 'application/zip'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'a.doc', 'application/x-ole-storage'],
    ['反馈意见', 'a.txt', 'text/plain'],
    ['MZ\x00\x00', 'a.txt', 'application/octet-stream'],
    ['<html>', 'a.html', 'application/octet-stream'],
    ['', 'a.pdf', 'application/octet-stream'],
  ])('is told from its first bytes: %j named %s is %s', (bytes, name, type) => {
    expect(mediaTypeOf(Buffer.from(bytes, 'latin1'), name)).toBe(type);
  });
});
