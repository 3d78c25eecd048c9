// Evidence and papers: a folder addressed by SHA-256, so that a file is what the log says it is or it is not there.
// Content never changes under its name; the same file sent twice is stored once.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { newId } from './ids';
import { FieldFaults } from './input';
import { mediaTypeOf, sniffBytes } from './media-type';

export type ReceivedFile = {
  /** As the client named it, without folders and control characters. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Told from the first bytes, not from what the client says. */
  readonly mediaType: string;
};

const megabyte = 1_048_576;
/** Form fields beside the file; more than that is no form of ours. */
const fieldLimits = { fields: 20, fieldSize: 16_384, fieldNameSize: 100, headerPairs: 40 };

export class Files {
  /** @param folder holds `ab/cdef…` and `draft/`; made when missing, readable by its owner only */
  constructor(private readonly folder: string) {}

  /**
   * Takes exactly one file part named `file` and the text fields of a multipart form. The file is durable on return.
   * @throws Refused `input.mediaType`, `input.tooLarge`; FieldFaults for a form that is not as described
   */
  async receive(
    request: FastifyRequest,
    limits: { readonly maxBytes: number },
  ): Promise<{ fields: Record<string, string>; file: ReceivedFile }> {
    if (!request.isMultipart()) throw new Refused('input.mediaType');
    const fields: Record<string, string> = {};
    let file: ReceivedFile | undefined;
    try {
      for await (const part of partsOf(request, limits.maxBytes)) {
        if (part.type === 'field') {
          if (part.valueTruncated) throw new FieldFaults([{ path: part.fieldname, message: '内容过长' }]);
          fields[part.fieldname] = String(part.value);
        } else {
          if (part.fieldname !== 'file') throw new FieldFaults([{ path: part.fieldname, message: '不认识的文件栏' }]);
          file = await this.keep(part, limits.maxBytes);
        }
      }
    } catch (error) {
      throw formRefusal(error, limits.maxBytes);
    }
    if (!file) throw new FieldFaults([{ path: 'file', message: '请选择文件' }]);
    return { fields, file };
  }

  /** @throws Refused `record.none` when it is not here, Error when the disk has changed its bytes */
  async read(sha256: string): Promise<Buffer> {
    const bytes = await readFile(this.pathOf(sha256)).catch(missing);
    if (sha256Of(bytes) !== sha256) {
      throw new Error(`file ${sha256} is damaged on disk: restore it from a backup or fetch it from a peer again`);
    }
    return bytes;
  }

  /** For large answers; the receiver can recompute the hash. @throws Refused `record.none` */
  async stream(sha256: string): Promise<Readable> {
    const path = this.pathOf(sha256);
    await stat(path).catch(missing);
    return createReadStream(path);
  }

  async has(sha256: string): Promise<boolean> {
    try {
      return (await stat(this.pathOf(sha256))).isFile();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Stores bytes that somebody promised under a hash. @throws Error when they are not what was promised */
  async put(bytes: Uint8Array, sha256: string): Promise<void> {
    const found = sha256Of(bytes);
    if (found !== sha256) throw new Error(`bytes hash to ${found}, promised was ${sha256}; ask another source for it`);
    await this.written(async (draft) => {
      await draft.writeFile(bytes);
      return sha256;
    });
  }

  private async keep(part: MultipartFile, maxBytes: number): Promise<ReceivedFile> {
    const hash = createHash('sha256');
    const head: Buffer[] = [];
    let bytes = 0;
    const sha256 = await this.written(async (draft) => {
      for await (const chunk of part.file as AsyncIterable<Buffer>) {
        hash.update(chunk);
        if (bytes < sniffBytes) head.push(chunk);
        bytes += chunk.length;
        await draft.write(chunk);
      }
      if (part.file.truncated) throw tooLarge(maxBytes);
      if (bytes === 0) throw new FieldFaults([{ path: 'file', message: '文件是空的，请重新选择' }]);
      return hash.digest('hex');
    });
    const name = plainName(part.filename);
    return { name, sha256, bytes, mediaType: mediaTypeOf(Buffer.concat(head), name) };
  }

  /**
   * Draft, sync, rename, sync the folder: after a crash at any point the name holds the whole file or nothing.
   * @param write fills the draft and names the hash of what it wrote
   */
  private async written(write: (draft: FileHandle) => Promise<string>): Promise<string> {
    const draftPath = join(this.folder, 'draft', newId());
    await mkdir(dirname(draftPath), { recursive: true, mode: 0o700 });
    const draft = await open(draftPath, 'wx', 0o600);
    try {
      const sha256 = await write(draft).finally(() => draft.sync().finally(() => draft.close()));
      const path = this.pathOf(sha256);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(draftPath, path);
      await syncFolder(dirname(path));
      return sha256;
    } catch (error) {
      await rm(draftPath, { force: true });
      throw error;
    }
  }

  private pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Refused('record.none');
    return join(this.folder, sha256.slice(0, 2), sha256.slice(2));
  }
}

function partsOf(request: FastifyRequest, maxBytes: number): AsyncIterable<Multipart> {
  return request.parts({ limits: { ...fieldLimits, files: 1, fileSize: maxBytes } });
}

function formRefusal(error: unknown, maxBytes: number): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(maxBytes);
  if (code === 'FST_FILES_LIMIT') return new FieldFaults([{ path: 'file', message: '一次只能提交一个文件' }]);
  if (typeof code === 'string' && /^FST_(PARTS|FIELDS|PROTO|MP|INVALID)/.test(code)) {
    return new FieldFaults([{ path: '', message: '表单内容不完整，请重新提交' }]);
  }
  return error;
}

function tooLarge(maxBytes: number): Refused {
  const limit = maxBytes >= megabyte ? `${Math.floor(maxBytes / megabyte)} MB` : `${Math.floor(maxBytes / 1024)} KB`;
  return new Refused('input.tooLarge', { limit });
}

function plainName(name: string | undefined): string {
  const last = (name ?? '').split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim();
  if (plain === '' || plain === '.' || plain === '..') return '未命名';
  if (plain.length <= 200) return plain;
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  // Cut between characters, not inside one: half a surrogate pair could not be stored.
  return `${plain.slice(0, 200 - ending.length).replace(/[\ud800-\udbff]$/, '')}${ending}`;
}

function missing(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new Refused('record.none');
  throw error;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
