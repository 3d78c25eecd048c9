// A file that comes with a command, as a multipart form. It is a draft until the command can be put, a file while the
// rule book decides, and stays one only if the command went through: a refused upload leaves nothing behind.
import { readFile } from 'node:fs/promises';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import type { Done } from '#contracts/answers';
import type { EventStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import type { Ask } from './ask';
import { streamOf } from './asking';
import type { Draft, Files } from './files';
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

export type Upload = {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: ReceivedFile;
  /** The file's bytes, which are in no record yet. */
  readonly read: () => Promise<Buffer>;
};

const megabyte = 1_048_576;
/** Form fields beside the file; more than that is no form of ours. */
const fieldLimits = { fields: 20, fieldSize: 16_384, fieldNameSize: 100, headerPairs: 40 };

type Received = Pick<Upload, 'fields' | 'file'> & { readonly draft: Draft };

export class Uploads {
  constructor(
    private readonly files: Files,
    private readonly ask: (ask: Ask) => Promise<Done>,
  ) {}

  /**
   * Takes exactly one file part named `file` and the text fields of a multipart form, and asks what `asking` makes of
   * them. The file is durable before the command is decided.
   * @throws Refused `input.mediaType`, `input.tooLarge`; FieldFaults for a form that is not as described; what `asking`
   * and the command throw
   */
  async asked(
    request: FastifyRequest,
    limits: { readonly maxBytes: number },
    asking: (upload: Upload) => Ask | Promise<Ask>,
  ): Promise<Done> {
    const { fields, file, draft } = await this.receive(request, limits.maxBytes);
    try {
      const ask = await asking({ fields, file, read: () => readFile(draft.path) });
      return await this.files.keepFor(draft, streamOf(ask.decider, ask.id), () => this.ask(ask));
    } finally {
      await this.files.drop(draft);
    }
  }

  private async receive(request: FastifyRequest, maxBytes: number): Promise<Received> {
    if (!request.isMultipart()) throw new Refused('input.mediaType');
    const fields: Record<string, string> = {};
    let received: Omit<Received, 'fields'> | undefined;
    try {
      for await (const part of partsOf(request, maxBytes)) {
        if (part.type === 'field') {
          if (part.valueTruncated) throw new FieldFaults([{ path: part.fieldname, message: '内容过长' }]);
          fields[part.fieldname] = String(part.value);
        } else {
          if (part.fieldname !== 'file') throw new FieldFaults([{ path: part.fieldname, message: '不认识的文件栏' }]);
          received = await this.draft(part, maxBytes);
        }
      }
      if (!received) throw new FieldFaults([{ path: 'file', message: '请选择文件' }]);
      return { fields, ...received };
    } catch (error) {
      if (received) await this.files.drop(received.draft);
      throw formRefusal(error, maxBytes);
    }
  }

  private async draft(part: MultipartFile, maxBytes: number): Promise<Omit<Received, 'fields'>> {
    const head: Buffer[] = [];
    const draft = await this.files.draft(watched(part, maxBytes, head));
    const name = plainName(part.filename);
    const { sha256, bytes } = draft;
    return { draft, file: { name, sha256, bytes, mediaType: mediaTypeOf(Buffer.concat(head), name) } };
  }
}

/** Whether an event of a stream names a file by its hash, which is never written but as 64 hex digits. */
export function namedIn(store: Pick<EventStore, 'readStream'>) {
  return async (stream: string, sha256: string): Promise<boolean> => {
    try {
      for await (const { data } of store.readStream(stream)) if (JSON.stringify(data).includes(sha256)) return true;
      return false;
    } catch (error) {
      if (error instanceof StreamNotFound) return false;
      throw error;
    }
  };
}

/** @param head gets the first bytes @throws Refused `input.tooLarge`, FieldFaults for an empty file */
async function* watched(part: MultipartFile, maxBytes: number, head: Buffer[]): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    if (bytes < sniffBytes) head.push(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  if (part.file.truncated) throw tooLarge(maxBytes);
  if (bytes === 0) throw new FieldFaults([{ path: 'file', message: '文件是空的，请重新选择' }]);
}

function partsOf(request: FastifyRequest, maxBytes: number): AsyncIterable<Multipart> {
  return request.parts({ limits: { ...fieldLimits, files: 1, fileSize: maxBytes } });
}

/** What the form's parser says of a form that is none or ends too early; it has no code for these. */
const noForm = /^Multipart: |multipart data$/;

function formRefusal(error: unknown, maxBytes: number): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(maxBytes);
  if (code === 'FST_FILES_LIMIT') return new FieldFaults([{ path: 'file', message: '一次只能提交一个文件' }]);
  const known = typeof code === 'string' && /^FST_(PARTS|FIELDS|PROTO|MP|INVALID)/.test(code);
  if (known || (typeof message === 'string' && noForm.test(message))) {
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
