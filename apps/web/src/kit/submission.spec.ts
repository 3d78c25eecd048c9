import { fingerprint, Submission, uuid } from './submission';

function counting(): () => string {
  let count = 0;
  return () => `id-${(count += 1)}`;
}

describe('a submission', () => {
  it('keeps its id while the same content is sent again', () => {
    const submission = new Submission(counting());
    expect(submission.idFor('a')).toBe('id-1');
    expect(submission.idFor('a')).toBe('id-1');
  });
  it('gets a new id when the content changes', () => {
    const submission = new Submission(counting());
    submission.idFor('a');
    expect(submission.idFor('b')).toBe('id-2');
  });
  it('gets a new id after success, even for the same content', () => {
    const submission = new Submission(counting());
    submission.idFor('a');
    submission.finish();
    expect(submission.idFor('a')).toBe('id-2');
  });
  it('tells targets and contents apart', () => {
    expect(fingerprint('/x', { a: 1 })).not.toBe(fingerprint('/y', { a: 1 }));
    expect(fingerprint('/x', { a: 1 })).not.toBe(fingerprint('/x', { a: 2 }));
  });
  it('tells files apart by name, size and date', () => {
    const form = (file: File): FormData => {
      const body = new FormData();
      body.append('file', file);
      return body;
    };
    const one = form(new File(['甲'], '记录.pdf', { lastModified: 1 }));
    const same = form(new File(['甲'], '记录.pdf', { lastModified: 1 }));
    const other = form(new File(['甲乙'], '记录.pdf', { lastModified: 1 }));
    expect(fingerprint('/x', one)).toBe(fingerprint('/x', same));
    expect(fingerprint('/x', one)).not.toBe(fingerprint('/x', other));
  });
  it('makes version 4 UUIDs', () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
